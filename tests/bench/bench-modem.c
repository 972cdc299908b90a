/*
 * Bench: the virtual modem's answers. Asks it RUNS times for its model on a pty and prints the median and
 * the 99th percentile of a round trip in microseconds.
 *
 *     bench-modem PORT RUNS
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <qmikit/ctl.h>
#include <qmikit/dms.h>
#include <qmikit/wire.h>

#define MAX_RUNS 1000000l
#define TIMEOUT_MS 5000

static double now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void fail(const char *what)
{
	fprintf(stderr, "bench-modem: %s\n", what);
	exit(1);
}

/* Sends a request and waits for its whole answer, which is copied to `buffer`. */
static struct qk_frame ask(int fd, const struct qk_frame *request, uint8_t *buffer)
{
	struct qk_writer w = qk_writer(buffer, QK_FRAME_MAX);
	size_t mark = qk_frame_begin(&w, request), used = 0;
	struct qk_frame answer;
	int size = qk_frame_end(&w, mark), r = 0;

	if (size < 0 || write(fd, buffer, (size_t)size) != size)
		fail("the modem takes no request");
	while (r == 0) {
		struct pollfd pollfd = { .fd = fd, .events = POLLIN };
		if (poll(&pollfd, 1, TIMEOUT_MS) <= 0)
			fail("no answer");
		ssize_t n = read(fd, buffer + used, QK_FRAME_MAX - used);
		if (n <= 0)
			fail("the modem hung up");
		used += (size_t)n;
		r = qk_frame_read((struct qk_span){ buffer, used }, &answer, NULL);
	}
	if (r < 0 || answer.message != request->message)
		fail("this is no answer");
	return answer;
}

static uint8_t allocate(int fd, uint8_t *buffer)
{
	static const uint8_t service_tlv[] = { 0x01, 1, 0, QK_SERVICE_ID_DMS };
	struct qk_frame request = {
		.type = QK_REQUEST,
		.transaction = 1,
		.message = qk_ctl_allocate_cid_method.request->id,
		.tlvs = { service_tlv, sizeof(service_tlv) },
	};
	struct qk_frame answer = ask(fd, &request, buffer);
	struct qk_cursor c = qk_cursor(answer.tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv))
		if (tlv.type == 0x01 && tlv.value.size == 2)
			return tlv.value.data[1];
	fail("no client id");
	return 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static uint8_t buffer[QK_FRAME_MAX];
	struct termios raw;
	long runs = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

	if (runs < 1 || runs > MAX_RUNS)
		fail("usage: bench-modem PORT RUNS");
	double *took = calloc((size_t)runs, sizeof(*took));
	int fd = open(argv[1], O_RDWR | O_NOCTTY);
	if (fd < 0 || !took || tcgetattr(fd, &raw) < 0)
		fail("the port cannot be opened");
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	struct qk_frame request = { .service = QK_SERVICE_ID_DMS, .client = allocate(fd, buffer) };
	request.type = QK_REQUEST;
	request.message = qk_dms_get_model_method.request->id;
	for (long i = 0; i < runs; i++) {
		request.transaction = (uint16_t)(i % 65535 + 1);
		double start = now_usec();
		ask(fd, &request, buffer);
		took[i] = now_usec() - start;
	}
	qsort(took, (size_t)runs, sizeof(*took), by_value);
	printf("%.1f\t%.1f\n", took[runs / 2], took[runs * 99 / 100]);
	free(took);
	return 0;
}
