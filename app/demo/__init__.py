"""The demo clinic: a simulated one whose true shares are known, written through the same door as phones' taps.

`parameters` are what is true of it; `assistant` lives one MA's day and keeps a ledger of what really happened;
`clinic` puts days together; `watching` is the observer who taps; `truth` adds a ledger up by itself, so that tests can
hold the summary against it; `writing` alone knows the database.
"""
