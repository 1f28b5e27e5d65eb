#!/bin/sh
# prometheus.sh — the alerts for Prometheus are rules, do what their test says, and speak only of metrics that there are.
set -u
rules=config/prometheus-rules.yml
bad=0

said=$(promtool check rules "$rules" 2>&1) || { echo "$said"; bad=1; }
said=$(promtool test rules tests/contract/prometheus_test.yml 2>&1) || { echo "$said"; bad=1; }

# An alert about a metric that nobody exports is silent for ever.
for metric in $(sed 's/#.*//' "$rules" | grep -oE '\bfrugald_[a-z_]+' | sort -u); do
	if ! grep -qF "| \`$metric\` |" docs/metrics.md; then
		echo "$rules speaks of $metric, which docs/metrics.md does not have"
		bad=1
	fi
done

# And one that no test has seen may never fire.
for alert in $(sed -n 's/^ *- alert: *//p' "$rules"); do
	if [ "$(grep -c "alertname: $alert\$" tests/contract/prometheus_test.yml)" -eq 0 ]; then
		echo "tests/contract/prometheus_test.yml does not make $alert fire"
		bad=1
	fi
done
exit $bad
