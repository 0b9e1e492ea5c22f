#!/bin/sh
# A store for rotations in HashiCorp Vault (kv, version 2): one secret with one field, the pair as JSON. The pair
# goes in on standard input only. VAULT_ADDR and VAULT_TOKEN are the pipeline's; SAILPAT_SECRET names the secret.
set -eu
secret=${SAILPAT_SECRET:-sailpoint}
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
        *) printf '%s\n' "$said" >&2; exit 1 ;;
      esac
    fi ;;
  '{"action":"check"}')
    vault token lookup > /dev/null
    echo '{}' ;;
  *)
    echo 'unknown action' >&2
    exit 1 ;;
esac
