"""The audit: who did what, where and when. Rows are only ever added; a database trigger refuses anything else.

No addresses of networks, no user agents, nothing that somebody typed into a sign-in form.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Action(StrEnum):
    """What was done, or was asked for and refused."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    DENIED = "denied"
    SET_UP = "set_up"
    INVITED = "invited"
    INVITATION_ACCEPTED = "invitation_accepted"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    TOKEN_MADE = "token_made"  # noqa: S105
    ROLE_GIVEN = "role_given"
    ROLE_CHANGED = "role_changed"
    ROLE_TAKEN = "role_taken"
    SETTINGS_CHANGED = "settings_changed"
    TASK_LIST_PUBLISHED = "task_list_published"
    POSTER_MADE = "poster_made"
    POSTER_ROTATED = "poster_rotated"
    POSTER_REVOKED = "poster_revoked"
    IMPORTED = "imported"
    EXPORTED = "exported"
    CORRECTED = "corrected"
    REPAIRED = "repaired"
    DISMISSED = "dismissed"
    ERASED = "erased"
    BACKED_UP = "backed_up"
    RESTORED = "restored"


# done to the whole database, so of interest in every clinic
OF_THE_SERVER = (Action.BACKED_UP, Action.RESTORED)


class Entry(Base):
    """One row of the audit.

    `person_id`: who did it; null for a command on the server and for an account that does not exist. `clinic_id`:
    where; null for what concerns a person and no clinic, such as signing in. `about`: a small JSON object, or null.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_clinic_id_id", "clinic_id", "id"),
        Index("ix_audit_person_id_action_at", "person_id", "action", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinics.id"))
    about: Mapped[str | None] = mapped_column(Text)
