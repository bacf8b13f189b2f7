#!/usr/bin/env bash
#
# Makes an authority for trying TLS between nodes, and certificates that it has signed: make-certs.sh DIR [NAME...]
# (node and client, if no name is given). An authority that is there already is used again.

set -euo pipefail

dir=${1:?usage: make-certs.sh DIR [NAME...]}
shift
if (($# == 0)); then set -- node client; fi
mkdir -p -- "$dir"
cd -- "$dir"
umask 077

if [[ ! -f ca.key ]]; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj '/CN=magna test authority' -keyout ca.key -out ca.pem \
    2>/dev/null
fi
for name in "$@"; do
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$name.key" -out "$name.csr" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "${MAGNA_CERT_DAYS:-365}" \
    -out "$name.pem" 2>/dev/null
  rm -f -- "$name.csr"
done
