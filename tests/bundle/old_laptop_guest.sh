#!/bin/sh
# Process 1 of the emulated laptop (old_laptop.py). Plays a person who asks one question and then goes away.
# Each line it prints begins with LAPTOP; "LAPTOP passed" is the last one when all went well.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DISPLAY=:0 XDG_RUNTIME_DIR=/run/person QT_QPA_PLATFORM=xcb
LAPTOP=/laptop
DATA=/root/catnap
LOG=$DATA/logs/catnap.log

say() { echo "LAPTOP $*"; }

end() {
    sync
    echo o > /proc/sysrq-trigger # there is no init that could be asked to switch off
    sleep 60
}

fail() {
    say "failed: $*"
    [ -f /tmp/catnap.txt ] && sed 's/^/LAPTOP   printed: /' /tmp/catnap.txt
    [ -f "$LOG" ] && tail -n 20 "$LOG" | sed 's/^/LAPTOP   log: /'
    end
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
    patience=$1 what=$2
    shift 2
    while ! "$@" >/dev/null 2>&1; do
        patience=$((patience - 1))
        [ "$patience" -gt 0 ] || fail "waited in vain for $what"
        kill -0 "$CATNAP" 2>/dev/null || fail "Catnap has ended while $what was waited for"
        sleep 1
    done
}

uptime_s() { cut -d. -f1 /proc/uptime; }
rss_kb() { # of the app and of its engine's process
    for pid in "$CATNAP" $(pgrep -P "$CATNAP"); do cat "/proc/$pid/status"; done 2>/dev/null |
        awk '/^VmRSS/ { sum += $2 } END { print sum }'
}
shows_window() { xwininfo -name Catnap | grep -q IsViewable; }
answered() {
    xdotool key ctrl+shift+c
    sleep 1
    [ "$(timeout 10 xclip -selection clipboard -o)" = "$(cat $LAPTOP/answer.txt)" ]
}

mount -t proc proc /proc 2>/dev/null
mount -t sysfs sys /sys 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts 2>/dev/null
for folder in /dev/shm /tmp /run; do mount -t tmpfs tmpfs $folder; done
mkdir -p -m 700 /run/person
mkdir -p -m 1777 /tmp/.X11-unix
cp -r $LAPTOP/data $DATA

say "$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(grep -c ^processor /proc/cpuinfo) cores," \
    "$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo) MB"
CATNAP=1
say "$($LAPTOP/catnap/catnap doctor --data-dir $DATA | grep '^Backend')"

Xvfb :0 -screen 0 1024x600x24 -nolisten tcp >/tmp/xvfb.txt 2>&1 &
wait_for 120 "the display" xwininfo -root
openbox --sm-disable >/tmp/openbox.txt 2>&1 &

began=$(uptime_s)
$LAPTOP/catnap/catnap --data-dir $DATA --catalog $LAPTOP/models.json >/tmp/catnap.txt 2>&1 &
CATNAP=$!
wait_for 300 "the window" shows_window
say "window after $(($(uptime_s) - began)) s, $(rss_kb) kB resident"

sleep 5
xdotool search --name Catnap windowactivate
xdotool type --delay 100 "Who are you?"
xdotool key Return
began=$(uptime_s)
wait_for 300 "the answer" grep -q "first token" "$LOG"
wait_for 120 "the whole answer" answered
awake=$(rss_kb)
say "answer after $(($(uptime_s) - began)) s: $(cat $LAPTOP/answer.txt)"

wait_for 300 "sleep" grep -q "asleep: idle" "$LOG"
sleep 5
asleep=$(rss_kb)
say "awake $awake kB resident, asleep $asleep kB"
[ "$((awake - asleep))" -gt 8000 ] || fail "sleep gave back only $((awake - asleep)) kB"

kill -TERM "$CATNAP"
wait "$CATNAP" || fail "Catnap ended with $?"
[ -s /tmp/catnap.txt ] && fail "Catnap printed something"
say passed
end
