/*
 * Shell: namespaces, the command, and files that act while it runs (see shell.h).
 */
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl-client.h"
#include "shell-files.h"
#include "shell-places.h"

#define CLASS "/sys/class"
#define GADGET CLASS "/android_usb/android0"
#define MODEM_MAX 65535

static const char help[] =
	"Usage: qmi-sim shell PATH [--modem N] [-- COMMAND...]\n"
	"A shell, or a command, in surroundings that look like the own Linux of a modem of\n"
	"`qmi-sim --control PATH`: " GADGET " has\n"
	"the files of its USB gadget. Writing 0 to enable, a list to functions and 1 to enable changes\n"
	"what the modem is on the bus until its next boot. /home/root has the recorder of QMI, and, with\n"
	"--qmuxd, /var the socket of its qmuxd. Needs root or user namespaces.\n";

struct shell {
	const char *path;
	json_int_t modem;
	char **command;
	struct qk_ctl_link link;
	struct qk_shell_files files;
	struct qk_shell_places places;
	int signal_fd;
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* Root in a user namespace of its own, where it is not root already. */
static int become_root(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid == 0)
		return unshare(CLONE_NEWNS) < 0 ? -errno : 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	int r = write_file("/proc/self/uid_map", map);
	if (r == 0)
		r = write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return r < 0 ? r : write_file("/proc/self/gid_map", map);
}

/* A /sys/class of its own that has the gadget alone. */
static int enter(struct shell *shell)
{
	int r = become_root();

	if (r < 0) {
		fprintf(stderr,
			"error: shell: %s: the modem's own Linux needs root or user namespaces\n",
			strerror(-r));
		return QK_CTL_REFUSED;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("qmi-sim", CLASS, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755") < 0 ||
	    mkdir(CLASS "/android_usb", 0755) < 0 || mkdir(GADGET, 0755) < 0)
		return qk_ctl_fail(CLASS, strerror(errno));
	qk_shell_places_make(&shell->places);
	return 0;
}

static void run_command(const struct shell *shell, const sigset_t *mask)
{
	char *fallback[] = { getenv("SHELL"), NULL };
	char **command = *shell->command ? shell->command : fallback;
	char sh[] = "/bin/sh";

	if (!*command)
		*command = sh;
	sigprocmask(SIG_SETMASK, mask, NULL);
	qk_shell_places_set_path(&shell->places);
	execvp(*command, command);
	fprintf(stderr, "error: %s: %s\n", *command, strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Until the command has ended: its exit status. */
static int attend(struct shell *shell, pid_t pid)
{
	struct pollfd ready[] = { { .fd = shell->signal_fd, .events = POLLIN },
				  { .fd = shell->files.inotify_fd, .events = POLLIN } };
	struct signalfd_siginfo info;
	int status;

	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);
		/* the last file that it wrote may not have acted yet */
		int timeout = qk_shell_files_run(&shell->files);
		if (ended == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (poll(ready, 2, timeout) > 0 && ready[0].revents &&
		    read(shell->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info) &&
		    info.ssi_signo == SIGTERM)
			kill(pid, SIGHUP);
	}
}

static int run(struct shell *shell)
{
	sigset_t mask, before;

	sigemptyset(&mask);
	sigaddset(&mask, SIGIO);
	sigaddset(&mask, SIGCHLD);
	/* these are for the command, on whose terminal they are typed */
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGQUIT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, &before);
	shell->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (shell->signal_fd < 0)
		return qk_ctl_fail("signalfd", strerror(errno));
	int status = qk_shell_files_open(&shell->files, GADGET, &shell->link, shell->modem);
	if (status == 0) {
		fflush(NULL);
		pid_t pid = fork();
		if (pid == 0)
			run_command(shell, &before);
		status = pid < 0 ? qk_ctl_fail("fork", strerror(errno)) : attend(shell, pid);
	}
	qk_shell_files_close(&shell->files);
	close(shell->signal_fd);
	return status;
}

static int read_words(int argc, char **argv, struct shell *shell)
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		char *end;
		if (strcmp(argv[i], "--modem") == 0 && i + 1 < argc) {
			long number = strtol(argv[++i], &end, 10);
			if (*end || !*argv[i] || number < 0 || number > MODEM_MAX)
				return -EINVAL;
			shell->modem = number;
		} else if (argv[i][0] == '-' || shell->path) {
			return -EINVAL;
		} else {
			shell->path = argv[i];
		}
	}
	shell->command = argv + (i < argc ? i + 1 : i);
	return shell->path ? 0 : -EINVAL;
}

int qk_shell_main(int argc, char **argv)
{
	struct shell shell = { .signal_fd = -1 };

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return fflush(stdout) == EOF ? QK_CTL_REFUSED : 0;
	}
	if (read_words(argc, argv, &shell) < 0) {
		fputs("error: shell needs the path of a control socket (--help)\n", stderr);
		return QK_CTL_USAGE;
	}
	int status = qk_ctl_open(&shell.link, shell.path);
	if (status == 0)
		status = qk_shell_places_find(&shell.places, &shell.link, shell.modem);
	if (status == 0)
		status = enter(&shell);
	if (status == 0)
		status = run(&shell);
	qk_ctl_close(&shell.link);
	return status;
}
