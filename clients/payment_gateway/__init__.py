"""The payment gateway (nền tảng thanh toán, simulated): collects fees for bodies of the State, gives them back.

A body opens an order with a signed request, the citizen pays at a page here, the body learns of it by a signed
statement and by nothing else; the browser that comes back proves nothing. The banks are invented, no money moves.
`orders` holds the rules (pure), `storage` the tables, `intake` the machines' requests, `pages` the citizen's,
`notifications` what is told without being asked. The messages themselves: `clients.payment_messages`.
"""
