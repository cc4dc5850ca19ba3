#!/bin/sh
# Starts a program under X11 and prints the seconds until its window is on the screen, and the
# seconds of processor time until then; ends it:
#
#   sh start_seconds.sh TITLE PROGRAM [ARGUMENTS]
set -eu

title=$1
shift
before=$(date +%s.%N)
"$@" >/dev/null 2>&1 &
pid=$!
until xwininfo -name "$title" 2>/dev/null | grep -q IsViewable; do
    kill -0 $pid || exit 1
    sleep 0.02
done
after=$(date +%s.%N)
ticks=$(awk '{ print $14 + $15 }' /proc/$pid/stat)
sleep 2
kill $pid
wait $pid || true
echo "$before $after $ticks $(getconf CLK_TCK)" | awk '{ printf "%.2f %.2f\n", $2 - $1, $3 / $4 }'
