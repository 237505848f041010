"""Forms described once: what a procedure asks, and from that one description its form, its reading and its review.

`portal_kit.question` holds the values; here `reading` turns a form into the registry's inputs (pure), `people` reads
who takes part, `showing` says the answers in words, `offering` loads what a form offers, `described` makes of it all
the portal's procedure.
"""
