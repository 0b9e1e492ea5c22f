#!/bin/sh
# A store for rotations in HashiCorp Vault (kv, version 2): one secret with one field, the pair as JSON. The pair
# goes in on standard input only. VAULT_ADDR and VAULT_TOKEN are the pipeline's; SAILPAT_SECRET names the secret.
set -eu
secret=${SAILPAT_SECRET:-sailpoint}
# Words for people go into the answer: what a read writes to standard error is not shown, it could be a secret.
fail() {
  printf '%s' "$1" | tr '\000-\037' ' ' | sed 's/[\\"]/\\&/g; s/^/{"error":"/; s/$/"}/'
  exit 1
}
IFS= read -r request
case $request in
  '{"action":"store",'*)
    printf '%s' "$request" | vault kv put -mount=secret "$secret" pair=- > /dev/null
    echo '{}' ;;
  '{"action":"read"}')
    if said=$(vault kv get -mount=secret -field=pair "$secret" 2>&1); then
      printf '%s\n' "$said"
    else
      # Only when there is no such secret there is none; a vault that fails is something else.
      case $said in
        *'No value found'*) echo '{}' ;;
        *) fail "$said" ;;
      esac
    fi ;;
  '{"action":"check"}')
    vault token lookup > /dev/null
    echo '{}' ;;
  *)
    echo 'unknown action' >&2
    exit 1 ;;
esac
