"""ЭЦҚ, the electronic digital signature of the National Certification Authority (Digital Code, chapter 10).

Will own CMS, certificates, revocation and timestamps. No method here is on until trust anchors are given.
"""
