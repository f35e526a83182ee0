"""An e-textbook reader, registered as a vendor: it knows a pairwise subject, a class, and nothing more.

Owns the books, reading places and quiz results. Who may open it is the IdP's business; whose pupils a teacher sees is
decided by the teacher's own fresh `classes` claim at every page.
"""

from clients.textbooks.client import create_app

__all__ = ["create_app"]
