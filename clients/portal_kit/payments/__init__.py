"""Fees paid at the payment gateway: what a portal does so that the registry learns of money, and money finds back.

`payment` holds the rules (pure), `store` the table, `gateway` the signed questions, `settling` the steps that nobody
clicks, `pages` the citizen's way there and back and the door for notifications. What marks a fee as paid is a signed
statement of the gateway, passed on with the portal's own token; never the browser that comes back.
"""
