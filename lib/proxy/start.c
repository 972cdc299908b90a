/*
 * Starting a program so that it is nobody's child: init takes it over from a process in between, and
 * the host's own children, and its handler for them, hear of nothing. What runs between fork and
 * exec calls only what POSIX allows there, as the host may have threads.
 */
#include "lib/proxy/start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLOEXEC_ALL = 4 }; /* CLOSE_RANGE_CLOEXEC, which only new headers have */

/* Tells the host what went wrong, which nobody else would say. */
_Noreturn static void give_up(int report_fd)
{
	int error = errno;

	/* A host that is gone needs no word. */
	_exit(write(report_fd, &error, sizeof(error)) == (ssize_t)sizeof(error) ? 126 : 127);
}

/* A handler or a mask of the host would make the program deaf to SIGTERM. */
static void forget_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The host's environment without what its service manager told the host alone: the program would
 * report to it in the host's name. NULL without memory. */
static char **environment_for_it(void)
{
	static const char *const private[] = {
		"NOTIFY_SOCKET=",  "LISTEN_PID=",    "LISTEN_FDS=",
		"LISTEN_FDNAMES=", "WATCHDOG_USEC=", "WATCHDOG_PID="
	};
	size_t count = 0, kept = 0;
	char **copy;

	while (environ && environ[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++) {
		bool wanted = true;

		for (size_t k = 0; k < sizeof(private) / sizeof(private[0]); k++)
			wanted = wanted && strncmp(environ[i], private[k], strlen(private[k])) != 0;
		if (wanted)
			copy[kept++] = environ[i];
	}
	return copy;
}

_Noreturn static void become(const char *program, char **environment, int report_fd)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || chdir("/") < 0)
		give_up(report_fd);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			give_up(report_fd);
#ifdef SYS_close_range
	/* On a kernel before 5.11 the host's descriptors without close-on-exec stay open. */
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOEXEC_ALL);
#endif
	execve(program, (char *[]){ (char *)program, NULL }, environment);
	give_up(report_fd);
}

_Noreturn static void leave_family(const char *program, char **environment, int report_fd)
{
	pid_t pid;

	forget_signals();
	setsid();
	pid = fork();
	if (pid < 0)
		give_up(report_fd);
	if (pid == 0)
		become(program, environment, report_fd);
	_exit(0);
}

/* What the other side of the pipe said before its end, which exec brings. */
static int read_report(int fd)
{
	int error = 0;
	ssize_t n;

	do
		n = read(fd, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? -error : 0;
}

/* The descriptor that tells how exec ended, and the process in between. */
static int fork_it(const char *program, char **environment, pid_t *ret_pid)
{
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		leave_family(program, environment, ends[1]);
	r = pid < 0 ? -errno : ends[0];
	close(ends[1]);
	if (r < 0)
		close(ends[0]);
	*ret_pid = pid;
	return r;
}

int qk_start_program(const char *program)
{
	char **environment = environment_for_it();
	pid_t pid = -1;
	int fd, r;

	if (!environment)
		return -ENOMEM;
	fd = fork_it(program, environment, &pid);
	free(environment);
	if (fd < 0)
		return fd;
	r = read_report(fd);
	close(fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
