"""Scripts and styles without comments, blanks and long names: stdin and stdout carry JSON [[media type, content], ...].

A program of its own, run once by a server: the library (tdewolff-minify) holds 10 MB in whatever process has loaded it.
"""

import json
import sys

import minify

if __name__ == "__main__":
    json.dump([minify.string(media_type, content) for media_type, content in json.load(sys.stdin)], sys.stdout)
