# Catnap: what install.sh and uninstall.sh have in common. POSIX sh; sourced, never run.
# shellcheck shell=sh disable=SC2034 # the places are used by the scripts that source this

# What cannot go on ends with a sentence and code 1; wrong usage with 2.

is_chinese() {
    case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    zh*.[Uu][Tt][Ff]*) return 0 ;;
    *) return 1 ;;
    esac
}

# say ENGLISH CHINESE: one line on stdout, in the language of the locale.
say() {
    if is_chinese; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

complain() { say "$@" >&2; }

die() {
    complain "$@"
    exit 1
}

# ask ENGLISH CHINESE: true for yes; without a terminal nobody can answer, which is a no.
ask() {
    [ -t 0 ] && [ -t 1 ] || return 1
    if is_chinese; then printf '%s [y/N] ' "$2"; else printf '%s [y/N] ' "$1"; fi
    read -r answer || return 1
    case $answer in
    [Yy] | [Yy][Ee][Ss] | 是) return 0 ;;
    *) return 1 ;;
    esac
}

# xdg_folder VALUE DEFAULT: the XDG specification wants a relative path ignored.
xdg_folder() {
    case $1 in
    /*) printf '%s\n' "${1%/}" ;;
    *) printf '%s\n' "$HOME/$2" ;;
    esac
}

find_places() {
    case ${HOME:-} in
    /*) HOME=${HOME%/} ;;
    *) die 'HOME is not set, so Catnap cannot tell where your folders are.' 'HOME 未设置，Catnap 无法确定你的文件夹在哪里。' ;;
    esac
    data_home=$(xdg_folder "${XDG_DATA_HOME:-}" .local/share)
    config_home=$(xdg_folder "${XDG_CONFIG_HOME:-}" .config)
    cache_home=$(xdg_folder "${XDG_CACHE_HOME:-}" .cache)
    state_home=$(xdg_folder "${XDG_STATE_HOME:-}" .local/state)
    case $HOME$data_home$config_home in
    *'
'*) die 'Catnap cannot be installed into a folder with a line break in its name.' '文件夹名称中含有换行符，无法安装 Catnap。' ;;
    esac
    # Beside the conversations and models, which are in $data_home/catnap and survive an uninstall.
    program=$data_home/catnap-program
    link=$HOME/.local/bin/catnap
    icons=$data_home/icons/hicolor
    entry=$data_home/applications/catnap.desktop
    # Written by "catnap autostart on" (desktop/login); looked at here so as not to ask again.
    autostart=$config_home/autostart/catnap.desktop
}

# is_older A B: true when version A comes before version B, part by part; letters (0.2.0rc1) come before the end (0.2.0).
is_older() {
    [ "$1" != "$2" ] && awk -v a="$1" -v b="$2" 'BEGIN {
        m = split(a, x, "."); n = split(b, y, ".")
        for (i = 1; i <= (m > n ? m : n); i++) {
            if ((p = x[i] + 0) != (q = y[i] + 0)) exit !(p < q)
            s = x[i]; t = y[i]; sub(/^[0-9]+/, "", s); sub(/^[0-9]+/, "", t)
            if (s != t) exit !(t == "" || (s != "" && s < t))
        }
        exit 1
    }'
}

# Prints the ids of the processes that run from the installed program folder, whoever's --data-dir they use.
running_processes() {
    for exe in /proc/[0-9]*/exe; do
        target=$(readlink "$exe" 2>/dev/null) || continue
        case $target in
        "$program/catnap") process=${exe#/proc/} && printf '%s\n' "${process%/exe}" ;;
        esac
    done
}

# Asks an installed Catnap that runs to quit, and waits for it, $CATNAP_QUIT_SECONDS at most; ends the script where it stays.
quit_running() {
    [ -n "$(running_processes)" ] || return 0
    say 'Catnap is running; asking it to quit.' 'Catnap 正在运行，正在请它退出。'
    "$program/catnap" --quit >/dev/null 2>&1 || true
    patience=${CATNAP_QUIT_SECONDS:-20} # the program's own watchdog ends what is stuck after 10
    while [ -n "$(running_processes)" ]; do
        if [ "$patience" -le 0 ]; then
            processes=$(running_processes | tr '\n' ' ')
            die "Catnap is still running (process ${processes% }). Quit it from its tray icon or close its terminal, then run this again. Nothing was changed." \
                "Catnap 仍在运行（进程 ${processes% }）。请从托盘图标退出它，或关闭运行它的终端，然后重新运行。没有改动任何内容。"
        fi
        sleep 1
        patience=$((patience - 1))
    done
}

# Tells the desktop that entries and icons have changed, where it keeps a cache of them.
refresh_desktop() {
    if [ -d "$data_home/applications" ] && command -v update-desktop-database >/dev/null 2>&1; then
        update-desktop-database -q "$data_home/applications" >/dev/null 2>&1 || true
    fi
    [ -d "$icons" ] || return 0
    touch "$icons" 2>/dev/null || true # a newer time tells GTK and KDE to look again
    if command -v gtk-update-icon-cache >/dev/null 2>&1; then
        gtk-update-icon-cache -q -f -t "$icons" >/dev/null 2>&1 || true
    fi
}
