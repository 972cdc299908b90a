/*
 * Recorder play: a program that does to descriptors what programs do, and odder things, with a
 * modem's frames. It runs under the recorder and prints what the recording must hold, a record a line:
 * transport, direction, bytes.
 *
 *     recorder-play SCENE FOLDER
 *
 * It plays the modem as well: the other end of its pty or socket, by functions of the C library that
 * the recorder does not see.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <linux/seccomp.h>

#define FRAME_MAX 512
#define THREADS 8
#define FRAMES 100

enum { QMUX = 1, QRTR = 2, QMUXD = 3, MSM_IPC = 4, TO_MODEM = 0, FROM_MODEM = 1 };

struct frame {
	size_t size;
	uint8_t bytes[FRAME_MAX];
};

struct pty {
	int master, slave;
	char name[64];
};

static const char *self, *folder;

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s: %m\n", __FILE__, __LINE__, #condition); \
			exit(1); \
		} \
	} while (0)

/* --- Frames, and what is expected of them */

/* Request number `n` to NAS, or what answers it, with so many bytes of a TLV. */
static struct frame make(uint16_t n, bool answer, uint8_t filling)
{
	struct frame f = { .size = (size_t)16 + filling };
	const uint8_t head[] = { 1,
				 (uint8_t)(f.size - 1),
				 (uint8_t)((f.size - 1) >> 8),
				 answer ? 0x80 : 0,
				 3,
				 1,
				 answer ? 2 : 0,
				 (uint8_t)n,
				 (uint8_t)(n >> 8),
				 0x4f,
				 0,
				 (uint8_t)(3 + filling),
				 0,
				 0x10,
				 filling,
				 0 };

	memcpy(f.bytes, head, sizeof(head));
	memset(f.bytes + sizeof(head), 0x01, filling); /* markers, to be mistaken for frames */
	return f;
}

static void expect(int transport, int direction, const void *bytes, size_t size)
{
	char line[2 * FRAME_MAX + 16], *end = line;

	end += snprintf(end, 16, "%d %d ", transport, direction);
	for (size_t i = 0; i < size; i++)
		end += snprintf(end, 3, "%02x", ((const uint8_t *)bytes)[i]);
	*end++ = '\n';
	/* in one call, for threads and children */
	fwrite(line, 1, (size_t)(end - line), stdout);
	fflush(stdout);
}

/* --- The modem's end, unseen: the C library's own functions */

static void *libc(const char *name)
{
	void *handle = dlopen("libc.so.6", RTLD_NOW);

	CHECK(handle);
	return dlsym(handle, name);
}

static void modem_writes(int fd, const struct frame *f)
{
	ssize_t (*real)(int, const void *, size_t) =
		(ssize_t(*)(int, const void *, size_t))libc("write");

	CHECK(real(fd, f->bytes, f->size) == (ssize_t)f->size);
}

static void modem_reads(int fd, size_t size)
{
	ssize_t (*real)(int, void *, size_t) = (ssize_t(*)(int, void *, size_t))libc("read");
	uint8_t buffer[65536];

	while (size) {
		ssize_t got = real(fd, buffer, size < sizeof(buffer) ? size : sizeof(buffer));
		CHECK(got > 0);
		size -= (size_t)got;
	}
}

static struct pty make_pty(void)
{
	struct pty pty = { .slave = -1 };
	struct termios raw;

	pty.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(pty.master >= 0 && grantpt(pty.master) == 0 && unlockpt(pty.master) == 0);
	CHECK(ptsname_r(pty.master, pty.name, sizeof(pty.name)) == 0);
	CHECK(tcgetattr(pty.master, &raw) == 0);
	cfmakeraw(&raw);
	CHECK(tcsetattr(pty.master, TCSANOW, &raw) == 0);
	return pty;
}

static struct pty open_pty(void)
{
	struct pty pty = make_pty();

	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	CHECK(pty.slave >= 0);
	return pty;
}

/* --- The program's end */

static void say(struct pty *pty, int fd, uint16_t n)
{
	struct frame f = make(n, false, 3);

	CHECK(write(fd, f.bytes, f.size) == (ssize_t)f.size);
	expect(QMUX, TO_MODEM, f.bytes, f.size);
	modem_reads(pty->master, f.size);
}

static void hear(struct pty *pty, int fd, uint16_t n)
{
	struct frame f = make(n, true, 5), got;

	modem_writes(pty->master, &f);
	CHECK(read(fd, got.bytes, sizeof(got.bytes)) == (ssize_t)f.size);
	expect(QMUX, FROM_MODEM, f.bytes, f.size);
}

static void plain(void)
{
	struct pty pty = open_pty();

	for (uint16_t n = 1; n < 5; n++) {
		say(&pty, pty.slave, n);
		hear(&pty, pty.slave, n);
	}
	close(pty.slave);
}

static void ways_to_open(void)
{
	volatile int flags = O_RDWR | O_NOCTTY; /* unknown to the compiler: __open_2 and the like */
	struct pty pty = make_pty();
	int fds[] = {
		open(pty.name, flags),
		open64(pty.name, flags),
		openat(AT_FDCWD, pty.name, flags),
		openat64(AT_FDCWD, pty.name, flags),
		open(pty.name, O_RDWR | O_NOCTTY),
		open(pty.name, O_RDWR | O_NOCTTY | O_CREAT, 0600),
	};

	for (uint16_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		CHECK(fds[i] >= 0);
		say(&pty, fds[i], i);
		hear(&pty, fds[i], i);
	}
	FILE *stream = fopen(pty.name, "r+");
	CHECK(stream);
	say(&pty, fileno(stream), 20);
	fclose(stream);
}

static void in_pieces(void)
{
	struct pty pty = open_pty();
	struct frame first = make(1, false, 3), second = make(2, false, 200),
		     one = make(3, true, 0), two = make(4, true, 9);
	const uint8_t noise[] = { 0xff, 0x01, 0x00, 0x00, 0x00, 'O', 'K' };
	uint8_t byte[3];
	size_t left;

	for (size_t i = 0; i < first.size; i++)
		CHECK(write(pty.slave, first.bytes + i, 1) == 1);
	expect(QMUX, TO_MODEM, first.bytes, first.size);
	const struct iovec parts[] = { { second.bytes, 1 },
				       { NULL, 0 },
				       { second.bytes + 1, 15 },
				       { second.bytes + 16, second.size - 16 } };
	CHECK(writev(pty.slave, parts, 4) == (ssize_t)second.size);
	expect(QMUX, TO_MODEM, second.bytes, second.size);
	CHECK(write(pty.slave, noise, sizeof(noise)) == sizeof(noise));
	CHECK(write(pty.slave, first.bytes, first.size) == (ssize_t)first.size);
	expect(QMUX, TO_MODEM, noise, sizeof(noise));
	expect(QMUX, TO_MODEM, first.bytes, first.size);
	/* both wait at the same time, and are read three bytes at a time */
	modem_writes(pty.master, &one);
	modem_writes(pty.master, &two);
	for (left = one.size + two.size; left;) {
		ssize_t got = read(pty.slave, byte, left < 3 ? left : 3);
		CHECK(got > 0);
		left -= (size_t)got;
	}
	expect(QMUX, FROM_MODEM, one.bytes, one.size);
	expect(QMUX, FROM_MODEM, two.bytes, two.size);
	/* and one that is never ended */
	CHECK(write(pty.slave, first.bytes, 9) == 9);
	close(pty.slave);
	expect(QMUX, TO_MODEM, first.bytes, 9);
}

static void copies(void)
{
	struct pty pty = open_pty();
	int all[] = { dup(pty.slave), dup2(pty.slave, 90), dup3(pty.slave, 91, O_CLOEXEC),
		      fcntl(pty.slave, F_DUPFD, 100), fcntl(pty.slave, F_DUPFD_CLOEXEC, 100) };
	struct frame f = make(50, false, 3);

	close(pty.slave);
	for (uint16_t i = 0; i < 5; i++) {
		CHECK(all[i] >= 0);
		say(&pty, all[i], i);
	}
	/* a frame that goes over two of them, and dup2 of one to itself */
	CHECK(write(all[0], f.bytes, 4) == 4);
	CHECK(dup2(all[1], all[1]) == all[1]);
	CHECK(write(all[1], f.bytes + 4, f.size - 4) == (ssize_t)f.size - 4);
	expect(QMUX, TO_MODEM, f.bytes, f.size);
	/* a copy of something else takes one's place */
	int null = open("/dev/null", O_WRONLY);
	CHECK(dup2(null, all[0]) == all[0]);
	CHECK(write(all[0], f.bytes, f.size) == (ssize_t)f.size);
	say(&pty, all[2], 60);
}

static void numbers_used_again(void)
{
	struct pty pty = open_pty();
	struct frame f = make(1, false, 3);
	char path[4096];
	int fd = pty.slave;

	say(&pty, fd, 1);
	close(fd);
	CHECK(open("/dev/null", O_WRONLY) == fd);
	CHECK(write(fd, f.bytes, f.size) == (ssize_t)f.size);
	FILE *stream = fdopen(fd, "w");
	fclose(stream);
	snprintf(path, sizeof(path), "%s/plain", folder);
	CHECK(open(path, O_RDWR | O_CREAT, 0600) == fd);
	CHECK(write(fd, f.bytes, f.size) == (ssize_t)f.size);
	close(fd);
	CHECK(socket(AF_INET, SOCK_DGRAM, 0) == fd);
	close(fd);
	CHECK(open(pty.name, O_RDWR | O_NOCTTY) == fd);
	say(&pty, fd, 2);
	CHECK(fclose(fdopen(fd, "r+")) == 0);
	CHECK(fileno(fopen("/dev/null", "w")) == fd);
	CHECK(write(fd, f.bytes, f.size) == (ssize_t)f.size);
	CHECK(pipe((int[2]){ 0 }) == 0);
}

static void wait_for(pid_t pid)
{
	int status;

	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void children(void)
{
	struct pty pty = open_pty();
	char number[16];

	say(&pty, pty.slave, 1);
	pid_t pid = fork();
	if (pid == 0) {
		say(&pty, pty.slave, 2);
		close(pty.slave);
		int again = open(pty.name, O_RDWR | O_NOCTTY);
		say(&pty, again, 3);
		exit(0);
	}
	wait_for(pid);
	hear(&pty, pty.slave, 2);
	pid = vfork();
	if (pid == 0) {
		dup2(pty.slave, 0);
		close(pty.slave);
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	wait_for(pid);
	say(&pty, pty.slave, 4);
	struct frame f = make(77, false, 3);
	expect(QMUX, TO_MODEM, f.bytes, f.size); /* by whom we become */
	pid = fork();
	if (pid == 0) {
		snprintf(number, sizeof(number), "%d", pty.slave);
		execl(self, self, "became", number, NULL);
		_exit(1);
	}
	wait_for(pid);
	modem_reads(pty.master, f.size);
	say(&pty, pty.slave, 5);
}

/* What children() executes: all it has is a descriptor. */
static void became(void)
{
	struct frame f = make(77, false, 3);

	CHECK(write((int)strtol(folder, NULL, 10), f.bytes, f.size) == (ssize_t)f.size);
}

static void *thread(void *data)
{
	struct pty *pty = data;

	for (uint16_t n = 0; n < FRAMES; n++) {
		struct frame f = make(n, false, (uint8_t)(n % 200));
		CHECK(write(pty->slave, f.bytes, f.size) == (ssize_t)f.size);
		expect(QMUX, TO_MODEM, f.bytes, f.size);
	}
	return NULL;
}

static void *drain(void *data)
{
	ssize_t (*real)(int, void *, size_t) = (ssize_t(*)(int, void *, size_t))libc("read");
	uint8_t buffer[4096];

	while (real(*(int *)data, buffer, sizeof(buffer)) > 0)
		;
	return NULL;
}

/* All on one descriptor, others open and close meanwhile. */
static void *restless(void *data)
{
	struct pty pty = make_pty();

	for (uint16_t n = 0; n < FRAMES; n++) {
		int fd = open(pty.name, O_RDWR | O_NOCTTY);
		int copy = dup(fd);
		close(fd);
		say(&pty, copy, (uint16_t)(n + 1000));
		close(copy);
	}
	return data;
}

static void threads(void)
{
	struct pty pty = open_pty();
	pthread_t all[2 * THREADS], reader;

	CHECK(pthread_create(&reader, NULL, drain, &pty.master) == 0);
	for (size_t i = 0; i < 2 * THREADS; i++)
		CHECK(pthread_create(&all[i], NULL, i % 2 ? thread : restless, &pty) == 0);
	for (size_t i = 0; i < 2 * THREADS; i++)
		pthread_join(all[i], NULL);
}

static volatile sig_atomic_t signal_fd, handled;

static void on_alarm(int number)
{
	struct frame f = make(7, false, 1);

	(void)number;
	if (write(signal_fd, f.bytes, f.size) != (ssize_t)f.size)
		_exit(1);
	handled++;
}

/* A handler that writes to the descriptor that it interrupts a write on: /dev/null, which the test
 * names as a modem, since a pty cuts the frames of who is interrupted. */
static void signals(void)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	const struct itimerval every = { { 0, 300 }, { 0, 300 } }, never = { 0 };
	struct frame f = make(9, false, 8);
	int fd = open("/dev/null", O_WRONLY);

	signal_fd = fd;
	CHECK(fd >= 0 && write(fd, f.bytes, f.size) == (ssize_t)f.size);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (unsigned int i = 1; i < 5000; i++)
		CHECK(write(fd, f.bytes, f.size) == (ssize_t)f.size);
	setitimer(ITIMER_REAL, &never, NULL);
	printf("handled %d\n", (int)handled);
}

/* --- Sockets */

/* A connection over a listening socket at `name` ("@…" is abstract): the program's end is returned,
 * the server's is `*ret_server`. Both are recorded. */
static int connect_to(const char *name, int *ret_server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

	CHECK(strlen(name) < sizeof(address.sun_path));
	memcpy(address.sun_path, name, strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 5) == 0);
	CHECK(connect(client, (struct sockaddr *)&address, size) == 0);
	*ret_server = accept(listener, NULL, NULL);
	CHECK(*ret_server >= 0);
	close(listener);
	return client;
}

static void ways_to_send(void)
{
	char name[64];
	struct frame f[6], got;
	int server;
	volatile size_t room =
		sizeof(got.bytes); /* unknown to the compiler: __recv_chk and the like */

	snprintf(name, sizeof(name), "@recorder-play-%d", getpid());
	int client = connect_to(name, &server);
	for (uint8_t i = 0; i < 6; i++)
		f[i] = make(i, false, i);
	struct iovec parts[2] = { { f[3].bytes, 5 }, { f[3].bytes + 5, f[3].size - 5 } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	struct iovec single[2] = { { f[4].bytes, f[4].size }, { f[5].bytes, f[5].size } };
	struct mmsghdr several[2] = { { .msg_hdr = { .msg_iov = &single[0], .msg_iovlen = 1 } },
				      { .msg_hdr = { .msg_iov = &single[1], .msg_iovlen = 1 } } };
	CHECK(write(client, f[0].bytes, f[0].size) > 0 &&
	      send(client, f[1].bytes, f[1].size, 0) > 0);
	CHECK(sendto(client, f[2].bytes, f[2].size, 0, NULL, 0) > 0 &&
	      sendmsg(client, &message, 0) > 0);
	CHECK(sendmmsg(client, several, 2, 0) == 2);
	for (uint8_t i = 0; i < 6; i++)
		expect(QMUX, TO_MODEM, f[i].bytes, f[i].size);
	/* the server's end hears them: what it reads goes to the modem */
	CHECK(recv(server, got.bytes, room, MSG_PEEK) > 0);
	CHECK(read(server, got.bytes, f[0].size) > 0 && recv(server, got.bytes, f[1].size, 0) > 0);
	CHECK(recvfrom(server, got.bytes, f[2].size, 0, NULL, NULL) > 0);
	parts[0] = (struct iovec){ got.bytes, 3 };
	parts[1] = (struct iovec){ got.bytes + 3, f[3].size - 3 };
	CHECK(recvmsg(server, &message, 0) == (ssize_t)f[3].size);
	parts[1].iov_len = f[4].size - 3;
	CHECK(readv(server, parts, 2) == (ssize_t)f[4].size);
	single[0] = (struct iovec){ got.bytes, room };
	CHECK(recvmmsg(server, several, 1, 0, NULL) == 1);
	for (uint8_t i = 0; i < 6; i++)
		expect(QMUX, TO_MODEM, f[i].bytes, f[i].size);
	struct frame answer = make(9, true, 9);
	CHECK(send(server, answer.bytes, answer.size, 0) > 0);
	expect(QMUX, FROM_MODEM, answer.bytes, answer.size);
	CHECK(recv(client, got.bytes, room, 0) == (ssize_t)answer.size);
	expect(QMUX, FROM_MODEM, answer.bytes, answer.size);
	CHECK(send(server, answer.bytes, answer.size, 0) > 0);
	expect(QMUX, FROM_MODEM, answer.bytes, answer.size);
	CHECK(read(client, got.bytes, room) == (ssize_t)answer.size);
	expect(QMUX, FROM_MODEM, answer.bytes, answer.size);
}

static void qmuxd(void)
{
	char name[108];
	const uint32_t number = 5;
	uint8_t message[47] = { sizeof(message), 0, 0xaa, 0xbb,
				5 }; /* two bytes of size, two of padding */
	uint8_t got[64];
	int server;

	snprintf(name, sizeof(name), "%s/qmux_connect_socket", folder);
	int client = connect_to(name, &server);
	CHECK(write(server, &number, sizeof(number)) == sizeof(number));
	expect(QMUXD, FROM_MODEM, &number, sizeof(number));
	CHECK(read(client, got, sizeof(got)) == sizeof(number));
	expect(QMUXD, FROM_MODEM, &number, sizeof(number));
	for (size_t i = 0; i < sizeof(message); i += 10)
		CHECK(write(client, message + i,
			    i + 10 < sizeof(message) ? 10 : sizeof(message) - i) > 0);
	expect(QMUXD, TO_MODEM, message, sizeof(message));
	CHECK(read(server, got, 40) == 40);
	CHECK(read(server, got, 40) == 7);
	expect(QMUXD, TO_MODEM, message, sizeof(message));
}

/* A terminal and a pipe of other things, which begin as a frame may, or later have one. */
static void strangers(void)
{
	struct pty pty = open_pty();
	struct frame f = make(1, false, 3);
	int pair[2], ends[2];

	CHECK(write(pty.slave, "\x01\x02\x03\x04\x05\x06\x07", 7) == 7);
	CHECK(write(pty.slave, f.bytes, f.size) > 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
	CHECK(write(pair[0], "\0AUTH", 5) == 5 && write(pair[0], f.bytes, f.size) > 0);
	CHECK(write(ends[1], f.bytes, f.size) > 0);
	int inet = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(write(inet, f.bytes, f.size) < 0 && errno == EPIPE);
}

/* QRTR and MSM IPC on a kernel that has neither: tests/interop/router.c says what it is sent. */
static void routers(void)
{
	const uint32_t qrtr[3] = { 42, 3, 0x4001 }, control[3] = { 42, 1, 0xfffffffe };
	const uint32_t server[5] = { 4, 3, 0x101, 3, 0x4001 }; /* new server: NAS at node 3 */
	const uint32_t by_service[5] = { 27, 2, 3, 1, 0 };
	uint8_t got[64];
	struct frame f = make(1, false, 3);
	struct iovec halves[2] = { { got, 4 }, { got + 4, 60 } };
	int fd = socket(42, SOCK_DGRAM, 0), old = socket(27, SOCK_DGRAM, 0);

	signal(SIGPIPE, SIG_IGN);
	CHECK(fd >= 0 && old >= 0);
	CHECK(sendto(fd, server, sizeof(server), 0, (const void *)control, sizeof(control)) > 0);
	CHECK(recv(fd, got, sizeof(got), 0) == sizeof(server));
	for (unsigned int i = 0; i < 3; i++)
		CHECK(sendto(fd, f.bytes + 6, f.size - 6, 0, (const void *)qrtr, sizeof(qrtr)) > 0);
	CHECK(read(fd, got, sizeof(got)) == (ssize_t)f.size - 6);
	CHECK(readv(fd, halves, 2) == (ssize_t)f.size - 6);
	CHECK(recvfrom(fd, got, sizeof(got), 0, NULL, NULL) == (ssize_t)f.size - 6);
	CHECK(sendto(old, f.bytes + 6, f.size - 6, 0, (const void *)by_service,
		     sizeof(by_service)) > 0);
	CHECK(recv(old, got, sizeof(got), 0) == (ssize_t)f.size - 6);
	/* one more server, whose service is above 255 */
	const uint32_t large[5] = { 4, 400, 0x101, 3, 0x4002 };
	const uint32_t client[3] = { 42, 3, 0x4002 };
	int hub = socket(42, SOCK_DGRAM, 0);
	CHECK(hub >= 0 &&
	      sendto(hub, large, sizeof(large), 0, (const void *)control, sizeof(control)) > 0);
	CHECK(recv(hub, got, sizeof(got), 0) == sizeof(large));
	CHECK(sendto(hub, f.bytes + 6, f.size - 6, 0, (const void *)client, sizeof(client)) > 0);
	CHECK(recv(hub, got, sizeof(got), 0) == (ssize_t)f.size - 6);
	/* and a client that was told of it */
	int other = socket(42, SOCK_DGRAM, 0);
	CHECK(other >= 0 &&
	      sendto(other, f.bytes + 6, f.size - 6, 0, (const void *)client, sizeof(client)) > 0);
}

/* --- What the recording must survive, and the program the recording */

static int recording(void)
{
	char link[64], target[4096], *file = getenv("QMITRACE_FILE");

	for (int fd = 3; fd < 4096; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t size = readlink(link, target, sizeof(target) - 1);
		if (size > 0 && (target[size] = '\0', strcmp(target, file) == 0))
			return fd;
	}
	return -1;
}

static void clean_sweeps(void)
{
	struct pty pty = open_pty();

	say(&pty, pty.slave, 1);
	int fd = recording();
	CHECK(fd > 40 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	close_range((unsigned int)pty.master + 1, ~0u, 0);
	CHECK(write(pty.slave, "x", 1) < 0 && errno == EBADF);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	say(&pty, pty.slave, 2);
	closefrom(pty.master + 1);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	say(&pty, pty.slave, 3);
	for (int i = pty.master + 1; i < 4096; i++)
		close(i);
	for (int i = pty.master + 1; i < 4096; i++)
		syscall(SYS_close, i);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	say(&pty, pty.slave, 4);
	CHECK(recording() == fd);
	/* the program wants this very number, and has it */
	CHECK(dup2(pty.slave, fd) == fd);
	say(&pty, fd, 5);
	CHECK(recording() != fd);
}

/* Closed without the recorder's knowing, and the number is another file's. */
static void closed_behind(void)
{
	int (*real_close)(int) = (int (*)(int))libc("close");
	int (*real_dup2)(int, int) = (int (*)(int, int))libc("dup2");
	struct pty pty = open_pty();
	struct stat status;
	char path[4096];

	say(&pty, pty.slave, 1);
	int fd = recording();
	CHECK(real_close(fd) == 0);
	say(&pty, pty.slave, 2);
	fd = recording();
	snprintf(path, sizeof(path), "%s/decoy", folder);
	int decoy = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0 && real_dup2(decoy, fd) == fd);
	say(&pty, pty.slave, 3);
	CHECK(fstat(decoy, &status) == 0 && status.st_size == 0);
}

static void sealed(void)
{
	struct pty pty = open_pty();
	struct frame f = make(9, false, 3);

	say(&pty, pty.slave, 1);
	int unknown = posix_openpt(O_RDWR | O_NOCTTY);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
	/* each call but these few kills from here on */
	bool fine = write(pty.slave, f.bytes, f.size) > 0 && write(unknown, f.bytes, f.size) > 0;
	syscall(SYS_exit, fine ? 0 : 1);
}

static void file_limit(void)
{
	struct pty pty = open_pty();
	struct stat status;
	struct frame f = make(9, false, 3);

	say(&pty, pty.slave, 1);
	CHECK(stat(getenv("QMITRACE_FILE"), &status) == 0);
	const struct rlimit limit = { (rlim_t)status.st_size + 50, RLIM_INFINITY };
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	for (unsigned int i = 0; i < 5; i++)
		CHECK(write(pty.slave, f.bytes, f.size) > 0);
}

static void errors_stay(void)
{
	struct pty pty = open_pty();
	struct frame f = make(1, false, 3);
	void *volatile nowhere = NULL;
	uint8_t byte;

	errno = 77;
	CHECK(write(pty.slave, f.bytes, f.size) > 0 && errno == 77);
	expect(QMUX, TO_MODEM, f.bytes, f.size);
	int copy = dup(pty.slave);
	CHECK(fcntl(copy, F_SETFL, O_RDWR | O_NONBLOCK) == 0);
	CHECK(read(copy, &byte, 1) < 0 && errno == EAGAIN);
	CHECK(write(copy, nowhere, 16) < 0 && errno == EFAULT);
	errno = 78;
	CHECK(close(copy) == 0 && errno == 78);
	CHECK(close(copy) < 0 && errno == EBADF);
	CHECK(open("/nowhere", O_RDONLY) < 0 && errno == ENOENT);
	CHECK(dup2(-1, 90) < 0 && errno == EBADF);
	CHECK(recv(pty.slave, &byte, 1, 0) < 0 && errno == ENOTSOCK);
	CHECK(fcntl(pty.slave, F_GETFD) == 0);
	CHECK(recvmsg(pty.slave, nowhere, 0) < 0);
	FILE *memory = fmemopen(NULL, 16, "w");
	errno = 79;
	CHECK(memory && fclose(memory) == 0 && errno == 79);
	say(&pty, pty.slave, 2);
}

static long resident_kib(void)
{
	long pages = 0, all;
	FILE *file = fopen("/proc/self/statm", "r");

	CHECK(file && fscanf(file, "%ld %ld", &all, &pages) == 2);
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void many(void)
{
	struct pty pty = make_pty();
	long before = 0;

	for (uint16_t n = 0; n < 3000; n++) {
		int fd = open(pty.name, O_RDWR | O_NOCTTY);
		say(&pty, fd, n);
		close(fd);
		before = n == 100 ? resident_kib() : before;
	}
	CHECK(resident_kib() < before + 1024); /* a connection has 12 at least */
}

static void nothing(void)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/plain", folder);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0 && write(fd, "text", 4) == 4);
}

static const struct {
	const char *name;
	void (*play)(void);
} scenes[] = {
	{ "plain", plain },
	{ "ways-to-open", ways_to_open },
	{ "in-pieces", in_pieces },
	{ "copies", copies },
	{ "numbers-used-again", numbers_used_again },
	{ "children", children },
	{ "became", became },
	{ "threads", threads },
	{ "signals", signals },
	{ "ways-to-send", ways_to_send },
	{ "qmuxd", qmuxd },
	{ "strangers", strangers },
	{ "routers", routers },
	{ "clean-sweeps", clean_sweeps },
	{ "closed-behind", closed_behind },
	{ "sealed", sealed },
	{ "file-limit", file_limit },
	{ "errors-stay", errors_stay },
	{ "many", many },
	{ "nothing", nothing },
};

int main(int argc, char **argv)
{
	self = argv[0];
	folder = argc > 2 ? argv[2] : ".";
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 2 && i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (!strcmp(argv[1], scenes[i].name)) {
			scenes[i].play();
			return 0;
		}
	}
	fprintf(stderr, "usage: recorder-play SCENE FOLDER\n");
	return 2;
}
