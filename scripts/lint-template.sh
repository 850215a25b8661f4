#!/usr/bin/env bash
# Checks lambda/template.yaml: cfn-lint, and what its roles may do.
. "$(dirname "$0")/common.sh"

CFN_LINT=1.58.0

bin=$(scripts/tool-env.sh cfn-lint "cfn-lint==$CFN_LINT")
"$bin/cfn-lint" --regions us-east-1 eu-west-1 -- lambda/template.yaml
"$bin/python" tests/template/roles.py lambda/template.yaml
