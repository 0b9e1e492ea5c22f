#!/bin/sh
# Run by sailpat-rotate.service. systemd gives STATE_DIRECTORY, which only the service's user can enter: it holds
# config.json and the journals. What is written goes to the journal of systemd.
set -eu
here=$(dirname "$(readlink -f "$0")")
export SAILPAT_HOME="$STATE_DIRECTORY/.sailpat"
exec "${PWSH:-pwsh}" -NoProfile -NonInteractive -File "$here/rotate.ps1" \
  -Store "$STATE_DIRECTORY/config.json" -Overlap "${OVERLAP:-12h}"
