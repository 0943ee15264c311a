#!/usr/bin/env bash
# Restores, builds and runs all tests; the last line reads "N passed, N failed, N skipped".
# ./test.sh                      everything
# ./test.sh UnitTests            only the named test projects
# TEST_TIMEOUT_SECONDS=600       the time that each test project may take, 1800 by default
# CI=true                        restores in locked mode: a lock file that is out of date fails
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

# Test projects, in the order in which they run.
PROJECTS=(UnitTests ArchitectureTests IntegrationTests)
# What tests call, each as command:package of Debian, or as path:package of what is no command. The server of PostgreSQL is not on the path: its packages are told by what is.
TOOLS=(mount:mount curl:curl influxd:influxdb mosquitto_pub:mosquitto-clients openssl:openssl pg_ctlcluster:postgresql-common pg_virtualenv:postgresql redis-server:redis-server
    node:nodejs npm:npm /usr/bin/python3:python3 /usr/lib/python3/dist-packages/influxdb:python3-influxdb)

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
(($# == 0)) || PROJECTS=("$@")
results=$(mktemp -d)
child=
trap 'rm -rf "$results"' EXIT
trap '[[ -z $child ]] || kill "$child" 2>/dev/null; exit 130' INT TERM
passed=0 failed=0 skipped=0

finish() {
    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    ((failed == 0 && passed > 0)) || exit 1
    exit 0
}

# Some packages bring a service. It is not started, neither now nor at the next boot: the tests start servers of their own.
install_without_services() (
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" || exit
    [[ ! -d /run/systemd/system ]] || dpkg -L "$@" | sed -n 's|.*/systemd/system/\([^/]*\.service\)$|\1|p' | xargs -r systemctl disable --quiet
)

install_missing_tools() {
    local missing=() tool
    for tool in "${TOOLS[@]}"; do
        [[ $tool == /* && -e ${tool%%:*} ]] || command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
    done
    ((${#missing[@]})) || return 0
    if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
        ! install_without_services "${missing[@]}" || return 0
    fi
    echo "Not installed, tests that need them will say so: ${missing[*]}" >&2
}

# Adds up one result file. A run that left none, held no test, or ended badly without a failed test, counts as one failure.
count() {
    local project=$1 file=$2 exit_code=$3 failed_before=$failed total=0 assembly
    assembly=$(grep -o -m1 '<assembly [^>]*>' "$file" 2>/dev/null || true)
    attribute() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$assembly"; }
    if [[ -n $assembly ]]; then
        total=$(attribute total)
        passed=$((passed + $(attribute passed)))
        failed=$((failed + $(attribute failed) + $(attribute errors)))
        skipped=$((skipped + $(attribute skipped)))
    fi
    if (((exit_code != 0 || total == 0) && failed == failed_before)); then
        failed=$((failed + 1))
        echo "$project: the run ended with exit code $exit_code after $total tests" >>"$results/failures"
    fi
}

list_failures() {
    grep -ohE '<test [^>]*result="Fail"[^>]*>' "$results"/*.xml 2>/dev/null |
        sed -E 's/.* name="([^"]*)".*/\1/; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' \
            >>"$results/failures" || true
    [[ -s $results/failures ]] || return 0
    echo
    echo "Failed:"
    sed 's/^/  /' "$results/failures"
}

# In the background and waited for, so that an interrupt reaches the tests at once.
run() {
    local project=$1 exit_code=0
    echo
    echo "== $project"
    timeout --kill-after=30 "${TEST_TIMEOUT_SECONDS:-1800}" \
        dotnet exec "tests/$project/bin/Release/net10.0/IotBackend.$project.dll" -noColor -noLogo -result-xml "$results/$project.xml" &
    child=$!
    wait "$child" || exit_code=$?
    count "$project" "$results/$project.xml" "$exit_code"
}

install_missing_tools
restore=(dotnet restore IotBackend.sln)
[[ ${CI:-} != true ]] || restore+=(--locked-mode)
if ! "${restore[@]}" || ! dotnet build IotBackend.sln -c Release --no-restore -v quiet -clp:NoSummary; then
    failed=1
    finish
fi
for project in "${PROJECTS[@]}"; do
    run "$project"
done
list_failures
finish
