"""The police registry's operators: who they are, what they may do, where, and on which grounds. Pure.

- `officers`: an officer, their role and territory; what each role may do
- `errands`: purpose and case, without which nobody is looked up
- `identity_acts`: cards withdrawn, held and returned, numbers, status: grounds, and when two officers must agree
- `four_eyes`: what one officer asks for and another decides
- `policy`: whether an officer may do a thing to a record, and why not
"""
