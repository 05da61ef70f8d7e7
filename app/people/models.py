"""Accounts, what they may do in which clinic, and the secrets that prove who is calling.

A secret itself is never stored: only its SHA-256, which is enough for 256 random bits.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Role(StrEnum):
    """A person's role in one clinic."""

    OBSERVER = "observer"
    ASSISTANT = "assistant"
    MANAGER = "manager"
    ADMIN = "admin"


MANAGING = (Role.MANAGER, Role.ADMIN)
"""Who answers for a clinic: they see its pooled figures and its observed sessions, and put those right."""


class Person(Base):
    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(Text)  # argon2id; null until the invitation is accepted
    language: Mapped[str | None] = mapped_column(String(8))  # null: as the browser asks
    created_at: Mapped[int] = mapped_column(BigInteger)
    disabled_at: Mapped[int | None] = mapped_column(BigInteger)


class Membership(Base):
    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('observer', 'assistant', 'manager', 'admin')", name="role"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[int] = mapped_column(BigInteger)


class Login(Base):
    """A browser that has signed in, or an API token: one table, because both answer 'who is calling?'."""

    __tablename__ = "logins"
    __table_args__ = (CheckConstraint("kind IN ('browser', 'token')", name="kind"),)

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)  # to the hour: a write per request would serve nobody
    expires_at: Mapped[int] = mapped_column(BigInteger)


class Link(Base):
    """A single-use link: first-run set-up (no person yet) or an invitation (choose a password)."""

    __tablename__ = "links"
    __table_args__ = (CheckConstraint("(kind = 'setup') = (person_id IS NULL)", name="person"),)

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)


class Attempt(Base):
    """Counters of the rate limits, in the database so that several processes share them."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[int] = mapped_column(BigInteger)
