#!/bin/sh
# shellcheck disable=SC1111 # Chinese has quotation marks of its own
# Installs Catnap for the user who runs this; no administrator is needed. Run it again to upgrade.
set -u
umask 022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
# shellcheck source=common.sh
. "$here/installer/common.sh" || exit 1

usage() {
    cat <<'END'
Usage: ./install.sh [--autostart | --no-autostart] [--downgrade]

  --autostart      start Catnap, hidden in the tray, when you log in
  --no-autostart   do not ask about it
  --downgrade      replace a newer version

Catnap goes to ~/.local/share/catnap-program, a link to ~/.local/bin, an entry to the menu.
END
}

# quoted PATH: as the Exec key of a desktop entry wants it: a quoted argument, in an escaped string, with % doubled.
quoted() {
    printf '"%s"' "$(printf '%s\n' "$1" | sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')"
}

# escaped PATH: as any other string key of a desktop entry wants it.
escaped() { printf '%s\n' "$1" | sed -e 's/\\/\\\\/g'; }

# write_entry TEMPLATE TARGET: fills in where the program is; the target appears whole or not at all.
write_entry() {
    exec_key=$(quoted "$program/catnap")
    try_key=$(escaped "$program/catnap")
    mkdir -p "$(dirname -- "$2")" || return 1
    while IFS= read -r line; do
        case $line in
        *@EXEC@*) printf '%s%s%s\n' "${line%%@EXEC@*}" "$exec_key" "${line#*@EXEC@}" ;;
        *@TRYEXEC@*) printf '%s%s\n' "${line%%@TRYEXEC@*}" "$try_key" ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$1" >"$2.new" && mv -f "$2.new" "$2"
}

# The nearest folder above PATH that exists: where there is room or not.
existing_folder() {
    folder=$1
    while [ ! -d "$folder" ]; do folder=$(dirname -- "$folder"); done
    printf '%s\n' "$folder"
}

require_room() {
    needed=$(($(du -sk "$here/catnap" | cut -f1) + 4096)) # icons, the entry and what a file system adds
    free=$(df -Pk "$(existing_folder "$data_home")" 2>/dev/null | awk 'NR == 2 { print $4 }')
    case $free in '' | *[!0-9]*) return 0 ;; esac # a file system that does not say; the copy will tell
    [ "$free" -ge "$needed" ] ||
        die "There is not enough room: Catnap needs $((needed / 1000)) MB in $data_home and $((free / 1000)) MB are free. Nothing was changed." \
            "空间不足：Catnap 需要在 $data_home 中占用 $((needed / 1000)) MB，目前只剩 $((free / 1000)) MB。没有改动任何内容。"
}

copy_failed() {
    rm -rf "$new"
    die "Catnap could not be copied to $data_home; the reason stands above. Nothing was changed." \
        "无法把 Catnap 复制到 $data_home，原因见上。没有改动任何内容。"
}

# Copies the program beside the installed one. What a power cut left of an earlier try goes first.
copy_new() {
    mkdir -p "$data_home" || copy_failed
    rm -rf "$new"
    if ! { cp -RP "$here/catnap" "$new" && cp -RP "$here/installer" "$here/uninstall.sh" "$new/"; }; then copy_failed; fi
    # On the disk before it takes the old one's place, or a power cut leaves files without content.
    sync -f "$new" 2>/dev/null || sync
    # A system without a library, another processor or a damaged copy shows now, while the old one is still there.
    "$new/catnap" --version >/dev/null || {
        rm -rf "$new"
        die "This Catnap does not start on this computer; the reason stands above. Nothing was changed." \
            '这个 Catnap 无法在这台电脑上启动，原因见上。没有改动任何内容。'
    }
}

# Puts the new folder in the place of the old one: two renames, and the way back where the second fails.
swap() {
    rm -rf "$old"
    if [ -e "$program" ] && ! mv "$program" "$old"; then copy_failed; fi
    if ! mv "$new" "$program"; then
        [ ! -e "$old" ] || mv "$old" "$program"
        copy_failed
    fi
    rm -rf "$old"
}

put_link() {
    if [ -e "$link" ] || [ -L "$link" ]; then
        [ "$(readlink "$link")" = "$program/catnap" ] && return 0
        complain "$link belongs to something else and was left alone; the command is $program/catnap" \
            "$link 属于别的程序，未作改动；命令在 $program/catnap"
        return 0
    fi
    if ! { mkdir -p "$(dirname -- "$link")" && ln -s "$program/catnap" "$link"; }; then
        complain "The command could not be linked to $link; it is $program/catnap" "无法创建链接 $link；命令在 $program/catnap"
        return 0
    fi
    case :${PATH:-}: in
    *:"$HOME/.local/bin":*) ;;
    *) say 'The command "catnap" will be found after you have logged in again, or under ~/.local/bin/catnap.' \
        '重新登录后即可使用命令“catnap”，现在可用 ~/.local/bin/catnap。' ;;
    esac
}

put_icons() {
    for size in "$program/installer/icons/hicolor"/*; do
        mkdir -p "$icons/${size##*/}/apps" && cp -f "$size/apps"/catnap.* "$icons/${size##*/}/apps/" || return 1
    done
}

# Off unless wished; the program itself writes the entry, as its settings do.
put_autostart() {
    # An entry that is there is a choice made before, perhaps in the program's settings.
    if [ "$wish" = ask ] && [ ! -e "$autostart" ] &&
        ask 'Start Catnap, hidden in the tray, when you log in?' '登录时自动启动 Catnap（隐藏在托盘中）吗？'; then
        wish=yes
    fi
    [ "$wish" = yes ] || return 0
    "$program/catnap" autostart on >/dev/null ||
        complain 'Catnap will not start when you log in; the reason stands above. The settings have a switch for it.' \
            '登录时不会自动启动 Catnap，原因见上。可在设置中打开。'
}

main() {
    wish=ask
    may_downgrade=no
    for argument in "$@"; do
        case $argument in
        --autostart) wish=yes ;;
        --no-autostart) wish=no ;;
        --downgrade) may_downgrade=yes ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
        esac
    done
    if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
        die "Run this without sudo: Catnap is installed for one user, and with sudo that would be root." \
            '请不要使用 sudo：Catnap 只为当前用户安装，用 sudo 会装给 root。'
    fi
    [ -x "$here/catnap/catnap" ] || die 'This folder is not complete; unpack the archive again.' '这个文件夹不完整，请重新解压。'
    machine=$(cat "$here/installer/machine")
    [ "$(uname -m)" = "$machine" ] ||
        die "This Catnap is for $machine, and this computer is $(uname -m)." "这个 Catnap 适用于 $machine，而这台电脑是 $(uname -m)。"
    find_places
    new=$program.new
    old=$program.old
    # A power cut between the two renames of an earlier run.
    if [ ! -e "$program" ] && [ -e "$old" ]; then mv "$old" "$program" || exit 1; fi

    version=$(cat "$here/installer/version")
    installed=$(cat "$program/installer/version" 2>/dev/null)
    if [ -n "$installed" ] && is_older "$version" "$installed"; then
        say "Catnap $installed is installed; this is the older $version. It will not open conversations that the newer one has converted." \
            "已安装 Catnap $installed，这里是较旧的 $version。较新版本转换过的对话，旧版本无法打开。"
        [ "$may_downgrade" = yes ] || ask 'Replace it all the same?' '仍然替换吗？' ||
            die 'Nothing was changed. ./install.sh --downgrade replaces it.' '没有改动任何内容。./install.sh --downgrade 可以替换。'
    fi
    require_room
    trap 'rm -rf "$new"; exit 130' INT TERM HUP
    copy_new
    quit_running_or_undo
    trap '' INT TERM HUP # the two renames are not to be torn apart
    swap
    trap - INT TERM HUP
    put_link
    if ! { write_entry "$program/installer/catnap.desktop.in" "$entry" && put_icons; }; then
        die "Catnap $version is in $program, but its entry in the menu could not be written; the reason stands above." \
            "Catnap $version 已安装到 $program，但无法写入菜单项，原因见上。"
    fi
    refresh_desktop
    put_autostart
    case $installed in
    '') say "Catnap $version is installed. It is in your menu; the command is \"catnap\"." "Catnap $version 已安装。可从菜单启动，命令是“catnap”。" ;;
    "$version") say "Catnap $version was installed again." "Catnap $version 已重新安装。" ;;
    *) say "Catnap $installed was replaced by $version." "Catnap $installed 已替换为 $version。" ;;
    esac
    say "To remove it: $program/uninstall.sh" "卸载：$program/uninstall.sh"
}

# A Catnap that stays ends the script inside quit_running; the copy must not stay behind.
quit_running_or_undo() {
    (quit_running) || {
        rm -rf "$new"
        exit 1
    }
}

main "$@"
exit
