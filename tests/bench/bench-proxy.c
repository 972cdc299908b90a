/*
 * Bench: a broker's clients. Opens PORT for CLIENTS of them through the broker that listens at
 * @qmi-proxy, with a client id of DMS each, and has each make CALLS calls, one behind the other and
 * all clients at the same time. Says "ready" before and waits for a line on stdin, prints the
 * median and the 99th percentile of a call in microseconds, and waits for another line before it
 * leaves, so that the broker can be looked at in between.
 *
 *     bench-proxy PORT CLIENTS CALLS
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <qmikit/ctl.h>
#include <qmikit/dms.h>
#include <qmikit/wire.h>

#define CLIENTS_MAX 250L
#define CALLS_MAX 1000000L
#define ROOM 4096
#define TIMEOUT_MS 20000

static const char broker[] = "\0qmi-proxy";

struct client {
	int fd;
	uint8_t id, buffer[ROOM];
	size_t used; /* of the buffer: the beginning of an answer */
	long left;
	uint16_t transaction;
	double began;
};

struct bench {
	struct client *clients;
	double *took;
	long count, calls, done;
};

static double now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "bench-proxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_frame(struct client *client, const struct qk_frame *request)
{
	uint8_t buffer[ROOM];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));
	size_t mark = qk_frame_begin(&w, request);
	int size;

	qk_write_bytes(&w, request->tlvs.data, request->tlvs.size);
	size = qk_frame_end(&w, mark);
	if (size < 0 || send(client->fd, buffer, (size_t)size, MSG_NOSIGNAL) != size)
		fail("the broker takes no request");
}

/* Reads once; 1 and a whole answer, or 0. */
static int read_frame(struct client *client, struct qk_frame *ret)
{
	ssize_t n = recv(client->fd, client->buffer + client->used, ROOM - client->used, 0);
	int size;

	if (n <= 0)
		fail("the broker hung up");
	client->used += (size_t)n;
	size = qk_frame_read((struct qk_span){ client->buffer, client->used }, ret, NULL);
	if (size < 0)
		fail("this is no frame");
	if (size == 0)
		return 0;
	/* One request is under way: nothing else comes, and the answer stays where it is. */
	client->used = 0;
	return 1;
}

static struct qk_frame ask(struct client *client, uint16_t message, struct qk_span tlvs)
{
	struct qk_frame answer, request = {
		.type = QK_REQUEST,
		.transaction = 1,
		.message = message,
		.tlvs = tlvs,
	};

	send_frame(client, &request);
	while (!read_frame(client, &answer))
		;
	if (answer.message != message)
		fail("this is no answer");
	return answer;
}

static void open_client(struct client *client, const char *port)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	uint8_t tlv[3 + 256] = { 0x01, (uint8_t)strlen(port), 0 };
	const uint8_t service[] = { 0x01, 1, 0, QK_SERVICE_ID_DMS };
	struct qk_tlv found;

	memcpy(address.sun_path, broker, sizeof(broker) - 1);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address,
				      (socklen_t)(sizeof(sa_family_t) + sizeof(broker) - 1)) < 0)
		fail("no broker");
	memcpy(tlv + 3, port, tlv[1]);
	ask(client, qk_ctl_internal_proxy_open_method.request->id,
	    (struct qk_span){ tlv, 3u + tlv[1] });

	struct qk_frame answer = ask(client, qk_ctl_allocate_cid_method.request->id,
				     (struct qk_span){ service, sizeof(service) });
	struct qk_cursor c = qk_cursor(answer.tlvs);

	while (qk_cursor_tlv(&c, &found))
		if (found.type == 0x01 && found.value.size == 2)
			client->id = found.value.data[1];
	if (!client->id)
		fail("no client id");
}

static void release_client(struct client *client)
{
	const uint8_t info[] = { 0x01, 2, 0, QK_SERVICE_ID_DMS, client->id };

	ask(client, qk_ctl_release_cid_method.request->id, (struct qk_span){ info, sizeof(info) });
	close(client->fd);
}

static void call(struct client *client)
{
	struct qk_frame request = {
		.type = QK_REQUEST,
		.service = QK_SERVICE_ID_DMS,
		.client = client->id,
		.transaction = ++client->transaction,
		.message = qk_dms_get_model_method.request->id,
	};

	client->left--;
	client->began = now_usec();
	send_frame(client, &request);
}

static void on_ready(struct bench *bench, struct client *client)
{
	struct qk_frame answer;

	if (!read_frame(client, &answer))
		return;
	if (answer.transaction != client->transaction || answer.client != client->id)
		fail("an answer to somebody else");
	bench->took[bench->done++] = now_usec() - client->began;
	if (client->left)
		call(client);
}

static void run(struct bench *bench)
{
	struct epoll_event events[64];
	int fd = epoll_create1(EPOLL_CLOEXEC);

	for (long i = 0; i < bench->count; i++) {
		struct client *client = &bench->clients[i];

		client->left = bench->calls;
		events[0] = (struct epoll_event){ .events = EPOLLIN, .data.ptr = client };
		if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, client->fd, &events[0]) < 0)
			fail("epoll");
		call(client);
	}
	while (bench->done < bench->count * bench->calls) {
		int count = epoll_wait(fd, events, 64, TIMEOUT_MS);

		if (count <= 0)
			fail("no answer");
		for (int i = 0; i < count; i++)
			on_ready(bench, events[i].data.ptr);
	}
	close(fd);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void wait_for_line(void)
{
	int c;

	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

static void say(const char *line)
{
	puts(line);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bench bench = {
		.count = argc == 4 ? strtol(argv[2], NULL, 10) : 0,
		.calls = argc == 4 ? strtol(argv[3], NULL, 10) : 0,
	};
	long total = bench.count * bench.calls;
	char line[64];

	if (bench.count < 1 || bench.count > CLIENTS_MAX || bench.calls < 1 ||
	    bench.calls > CALLS_MAX || strlen(argv[1]) > 255) {
		fprintf(stderr, "usage: bench-proxy PORT CLIENTS CALLS\n");
		return 2;
	}
	bench.clients = calloc((size_t)bench.count, sizeof(*bench.clients));
	bench.took = calloc((size_t)total, sizeof(*bench.took));
	if (!bench.clients || !bench.took)
		fail("memory");
	for (long i = 0; i < bench.count; i++)
		open_client(&bench.clients[i], argv[1]);
	say("ready");
	wait_for_line();
	run(&bench);
	qsort(bench.took, (size_t)total, sizeof(*bench.took), by_value);
	snprintf(line, sizeof(line), "%.1f\t%.1f", bench.took[total / 2],
		 bench.took[total * 99 / 100]);
	say(line);
	wait_for_line();
	for (long i = 0; i < bench.count; i++)
		release_client(&bench.clients[i]);
	free(bench.clients);
	free(bench.took);
	return 0;
}
