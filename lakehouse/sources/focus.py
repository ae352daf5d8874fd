"""Columns of FOCUS 1.2 (FinOps Foundation 2025) that fill a line of an invoice where the settings say nothing else."""

FOCUS = {
    "charge_date": "ChargePeriodStart",
    "provider_name": "lower(ProviderName)",
    "account_id": "coalesce(SubAccountId, BillingAccountId)",
    "service_name": "ServiceName",
    "sku_id": "SkuId",
    "billed_cost_usd": "CASE WHEN BillingCurrency = 'USD' THEN BilledCost END",
    "billing_currency": "BillingCurrency",
    "consumed_quantity": "ConsumedQuantity",
    "consumed_unit": "ConsumedUnit",
}
