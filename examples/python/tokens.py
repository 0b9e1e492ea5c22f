"""A token's life: made, renamed, removed; and what a failure looks like."""

from sailpat import Client, SailPatError


def main() -> None:
    with Client(timeoutMs=20000) as client:
        token = client.create("from Python", scope=["sp:scopes:default"], validity_seconds=900)
        print("made", token["id"], "with a secret of", len(token["secret"]), "characters")
        renamed = client.update(token["id"], [{"op": "replace", "path": "/name", "value": "renamed"}])
        print("is called", renamed["name"], "now, one of", len(client.list("me")))
        client.delete(token["id"])
        try:
            client.get(token["id"])
        except SailPatError as error:
            print("and now:", error.code, error.remedy)
        else:
            raise SystemExit("a token that was removed is still there")


if __name__ == "__main__":
    main()
