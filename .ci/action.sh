#!/usr/bin/env bash
# One command of netspec as a step of action.yml, which gives the inputs as variables NETSPEC_…:
# annotations or text in the log, a report as SARIF, and what was found on the page of the run.
set -euo pipefail
command=$1
netspec=$RUNNER_TEMP/netspec/bin/netspec

# A log may not command the runner: what a file says stands between lines that make it deaf.
show() {
    local word
    if [ -s "$1" ]; then
        word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
        printf '::stop-commands::%s\n' "$word"
        cat -- "$1"
        printf '::%s::\n' "$word"
    fi
}

# The revision to hold changes against, in `revision`; the branch that a pull request goes to is fetched first.
find_revision() {
    local depth=()
    revision=$NETSPEC_AGAINST
    if [ "$revision" = base ] && [ -z "${GITHUB_BASE_REF:-}" ]; then
        echo "this is no pull request: there is nothing to hold changes against"
        exit 0
    elif [ "$revision" = base ]; then
        if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
            depth=(--depth=1) # of a whole clone it would cut the history off
        fi
        revision=refs/remotes/origin/$GITHUB_BASE_REF
        git fetch --quiet --no-tags ${depth[@]+"${depth[@]}"} origin "+refs/heads/$GITHUB_BASE_REF:$revision"
    fi
}

paths=()
while read -r path; do # without blanks around it, as YAML leaves them
    path=${path%$'\r'}
    if [ -n "$path" ]; then
        paths+=("$path")
    fi
done <<< "$NETSPEC_PATHS"

level=() # unless it is given, that of the configuration
if [ -n "${NETSPEC_LEVEL:-}" ]; then
    level=("--level=$NETSPEC_LEVEL")
fi

case $command in
validate)
    arguments=(validate --specs-only --root=.)
    if [ ${#paths[@]} -eq 0 ]; then
        paths=(.) # as the other commands have it
    fi
    if [ "$NETSPEC_STRICT" = true ]; then
        arguments+=(--strict)
    fi
    ;;
fmt)
    arguments=(fmt --check --specs-only)
    ;;
breaking)
    find_revision
    arguments=(breaking "--against=$revision" ${level[@]+"${level[@]}"})
    ;;
report)
    find_revision
    status=0
    errors=$RUNNER_TEMP/netspec-report.err
    "$netspec" report "--against=$revision" ${level[@]+"${level[@]}"} -- ${paths[@]+"${paths[@]}"} \
        >> "$GITHUB_STEP_SUMMARY" 2> "$errors" || status=$?
    show "$errors"
    exit "$status"
    ;;
esac

text=$RUNNER_TEMP/netspec-$command.txt
report=()
if [ -n "$NETSPEC_SARIF" ]; then
    report=(--format=sarif "--output=$NETSPEC_SARIF/netspec-$command.sarif")
fi
status=0
"$netspec" "${arguments[@]}" ${report[@]+"${report[@]}"} -- ${paths[@]+"${paths[@]}"} > "$text" 2>&1 || status=$?

if [ "$NETSPEC_ANNOTATIONS" = true ]; then
    errors=$RUNNER_TEMP/netspec-$command.err
    "$netspec" "${arguments[@]}" --format=github -- ${paths[@]+"${paths[@]}"} 2> "$errors" || status=$?
    show "$errors"
else
    show "$text"
fi

if [ "$NETSPEC_SUMMARY" = true ]; then
    verdicts=(passed failed "could not be done")
    {
        printf '### netspec %s: %s\n\n' "$command" "${verdicts[$status]:-was ended}"
        head -n 500 -- "$text" | sed 's/^/    /' # indented, so that no line is anything but text
        printf '\n'
    } >> "$GITHUB_STEP_SUMMARY"
fi
exit "$status"
