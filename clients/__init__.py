"""First-party services that sign in through Bilim ID like anybody else: public protocols only,
own tables, own pages.
"""
