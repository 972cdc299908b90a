#compdef qmicli
# Completion of qmicli for zsh. What may follow is qmicli's own answer: a word and what it is.
local line
local -a whole begun whole_shown begun_shown

for line in ${(f)"$($words[1] --complete "${(@)words[2,CURRENT]//[\"\'\\]}" 2>/dev/null)"}; do
	if [[ ${line%%$'\t'*} == *[=/:] ]]; then
		begun+=(${line%%$'\t'*})
		begun_shown+=(${line/$'\t'/  })
	else
		whole+=(${line%%$'\t'*})
		whole_shown+=(${line/$'\t'/  })
	fi
done
# What goes on has no space behind it.
compadd -l -d whole_shown -a whole
compadd -l -S '' -d begun_shown -a begun
