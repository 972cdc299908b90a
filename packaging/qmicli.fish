# Completion of qmicli for fish. What may follow is qmicli's own answer: a word and what it is.
complete -c qmicli -f -a '(qmicli --complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
