# Completion of qmicli for bash. What may follow is qmicli's own answer; this looks at the line alone, since bash cuts
# words at = and | as well.
_qmicli()
{
	local line=${COMP_LINE:0:COMP_POINT} words word done
	# A backslash quotes what is behind it.
	read -a words <<<"${line//[\"\']/}"
	word=${line##*[[:space:]]}
	[ -n "$word" ] || words+=('')
	mapfile -t COMPREPLY < <("$1" --complete "${words[@]:1}" 2>/dev/null)
	COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
	# What goes on has no space behind it.
	[[ ${COMPREPLY[0]-} != *[=/:] ]] || compopt -o nospace 2>/dev/null
	# Bash replaces what is behind a quote that is open, or else behind the last character at which it cuts words.
	if [[ $word == *[\"\']* ]]; then
		done=${word%"${word##*[\"\']}"}
	else
		COMPREPLY=("${COMPREPLY[@]//|/\\|}")
		[[ $COMP_WORDBREAKS != *=* ]] || done=${word%"${word##*[=:]}"}
	fi
	COMPREPLY=("${COMPREPLY[@]#"${done//[\"\']/}"}")
}

complete -F _qmicli qmicli
