# For quickstart and check: installing packages, building a preset.

# The packages of the named sections of packages.txt.
packages_of()
{
	local section
	for section in "$@"; do
		awk -v want="[$section]" '
			/^\[/ { in_section = $1 == want; next }
			in_section && NF && $1 !~ /^#/ { print $1 }' packages.txt
	done
}

install_missing()
{
	local missing=() package sudo=
	for package in $(packages_of "$@"); do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
			grep -q 'install ok installed' || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || sudo=sudo
	echo "Installing: ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	if ! $sudo apt-get install -y --no-install-recommends "${missing[@]}" \
		>/dev/null 2>&1; then
		$sudo apt-get update >/dev/null
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y \
			--no-install-recommends "${missing[@]}" >/dev/null
	fi
}

# Configures and builds what is not built; silent when all is well.
# build_preset PRESET [TARGET]
build_preset()
{
	local log
	mkdir -p build
	log=build/$1.log
	echo "Building the $1 preset (build/$1)"
	if ! { cmake --preset "$1" && cmake --build --preset "$1" --target "${2:-all}"; } \
		>"$log" 2>&1; then
		tail -40 "$log" >&2
		echo "The build failed; the whole log is $log." >&2
		exit 3
	fi
}
