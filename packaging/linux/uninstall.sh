#!/bin/sh
# Removes Catnap; conversations, models and settings stay unless --purge is given and confirmed.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
# shellcheck source=common.sh
. "$here/installer/common.sh" || exit 1

usage() {
    cat <<'END'
Usage: uninstall.sh [--purge [--yes]]

  --purge   also delete conversations, downloaded models and settings; asks first
  --yes     do not ask
END
}

# Prints the folders of the user's own things that are there.
own_folders() {
    for folder in "$data_home/catnap" "$config_home/catnap" "$cache_home/catnap" "$state_home/catnap"; do
        [ ! -e "$folder" ] || printf '%s\n' "$folder"
    done
}

tell_own_folders() {
    own_folders | while IFS= read -r folder; do
        printf '  %s (%s MB)\n' "$folder" "$(($(du -sk "$folder" 2>/dev/null | cut -f1) / 1000))"
    done
}

purge() {
    [ -n "$(own_folders)" ] || return 0
    say 'Your conversations, models and settings:' '你的对话、模型和设置：'
    tell_own_folders
    if [ "$sure" != yes ] && ! ask 'Delete all of them? This cannot be undone.' '全部删除吗？此操作无法撤销。'; then
        say 'They stay. Without a terminal to ask on, add --yes.' '未删除。没有终端可以询问时，请加上 --yes。'
        return 0
    fi
    own_folders | while IFS= read -r folder; do rm -rf "$folder" || exit 1; done ||
        die 'Not all of it could be deleted; the reason stands above.' '未能全部删除，原因见上。'
    say 'They are deleted. Models in a folder of your own choice were left alone.' '已删除。你自选文件夹中的模型未作改动。'
}

remove_program() {
    # Before the program goes: it leaves alone what another program has put there. One that is broken cannot say no;
    # then its entry names a file that is gone, which desktops pass over.
    "$program/catnap" autostart off >/dev/null 2>&1 || true
    [ "$(readlink "$link" 2>/dev/null)" != "$program/catnap" ] || rm -f "$link"
    rm -f "$entry"
    rm -f "$icons"/*/apps/catnap.png "$icons"/*/apps/catnap.svg
    refresh_desktop
    rm -rf "$program" "$program.new" "$program.old" ||
        die "Not all of $program could be deleted; the reason stands above." "$program 未能全部删除，原因见上。"
}

main() {
    purging=no
    sure=no
    for argument in "$@"; do
        case $argument in
        --purge) purging=yes ;;
        --yes) sure=yes ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
        esac
    done
    find_places
    if [ ! -e "$program" ]; then
        say "Catnap is not installed in $program." "$program 中没有安装 Catnap。"
    else
        quit_running
        remove_program
        say 'Catnap is removed.' 'Catnap 已卸载。'
    fi
    if [ "$purging" = yes ]; then
        purge
    elif [ -n "$(own_folders)" ]; then
        say 'Your conversations, models and settings stay, for a Catnap to come (uninstall.sh --purge deletes them):' \
            '你的对话、模型和设置保留不动，供以后使用（uninstall.sh --purge 可删除它们）：'
        tell_own_folders
    fi
}

# Read to its end before it deletes itself.
main "$@"
exit
