#!/bin/sh
# Starts a program under X11 that is going to show a message by xmessage; saves a picture of it,
# prints what the message says, and ends both:
#
#   sh message_window.sh PICTURE.xwd PROGRAM [ARGUMENTS]
set -eu

picture=$1
shift
"$@" >/dev/null 2>&1 &
pid=$!
until xwininfo -name xmessage 2>/dev/null | grep -q IsViewable; do
    kill -0 $pid || exit 1
    sleep 0.1
done
sleep 1
xwd -silent -root -out "$picture"
# shellcheck disable=SC2013 # process ids, on one line
for program in $(cat "/proc/$pid/task/$pid/children"); do
    if [ "$(cat "/proc/$program/comm")" = xmessage ]; then
        # The message is its last argument, of several lines.
        tr '\n\0' ' \n' <"/proc/$program/cmdline" | tail -n 1
        kill "$program"
    fi
done
wait $pid || true
