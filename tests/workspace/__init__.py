"""Our own stand-in for a Databricks workspace: on loopback, in memory, over HTTP, with failures to order.

It answers what our commands ask through the vendor's SDK, and what the vendor's command line asks to deploy a bundle.
It keeps bodies as they are given. That it accepts something is no proof that a workspace would.
"""
