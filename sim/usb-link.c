/*
 * USB link: bytes between a socket and a device (see usb-link.h).
 */
#include "usb-link.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 65536
/* Of what comes while it is unplugged. */
#define PULL_READS_MAX 16

static struct qk_usb_link *of_timer(struct qk_sim_timer *timer)
{
	return (struct qk_usb_link *)((char *)timer - offsetof(struct qk_usb_link, wake));
}

static struct qk_usb_link *of_socket(struct qk_sim_source *source)
{
	return (struct qk_usb_link *)((char *)source - offsetof(struct qk_usb_link, socket));
}

/* What the host has asked already has an end. */
static void pull(struct qk_usb_link *link)
{
	uint8_t buffer[READ_SIZE];
	ssize_t n;

	qk_usb_device_pull(link->device);
	for (unsigned int i = 0; i < PULL_READS_MAX; i++) {
		n = recv(link->socket.fd, buffer, sizeof(buffer), MSG_DONTWAIT);
		if (n <= 0 ||
		    qk_usb_device_input(link->device, (struct qk_span){ buffer, (size_t)n }) < 0)
			return;
	}
}

void qk_usb_link_unplug(struct qk_usb_link *link)
{
	if (link->socket.loop && link->device)
		pull(link);
	/* what was said before is still heard */
	if (link->socket.loop)
		(void)qk_sim_loop_send(&link->socket, &link->queue);
	link->device = qk_usb_device_free(link->device);
	link->wake.due_usec = QK_SIM_NEVER;
	link->wants_write = false;
	link->leave_usec = 0;
	qk_sim_queue_done(&link->queue);
	qk_sim_loop_remove(&link->socket);
	if (link->socket.fd >= 0)
		close(link->socket.fd);
	link->socket.fd = -1;
}

static void end(struct qk_usb_link *link, const char *why)
{
	qk_usb_link_unplug(link);
	link->ended(link, why);
}

static void write_waiting(struct qk_usb_link *link)
{
	/* what waits is answers; no new question is read before they are written */
	bool wants_write = qk_sim_loop_send(&link->socket, &link->queue);

	if (wants_write != link->wants_write &&
	    qk_sim_loop_change(&link->socket, wants_write ? EPOLLOUT : EPOLLIN) == 0)
		link->wants_write = wants_write;
	qk_usb_device_set_congested(link->device,
				    qk_sim_queue_waiting(&link->queue).size > QK_USB_LINK_FULL);
}

/* What is written may make room for more. */
static void write_all(struct qk_usb_link *link)
{
	while (link->device && !link->wants_write && qk_sim_queue_waiting(&link->queue).size)
		write_waiting(link);
	link->wake.due_usec = link->leave_usec ? link->leave_usec : QK_SIM_NEVER;
}

static void before_wait(struct qk_sim_hook *hook)
{
	struct qk_usb_link *link =
		(struct qk_usb_link *)((char *)hook - offsetof(struct qk_usb_link, flush));

	write_all(link);
}

static void on_wake(struct qk_sim_timer *timer)
{
	struct qk_usb_link *link = of_timer(timer);

	write_all(link);
	if (link->leave_usec)
		link->idle(link);
}

bool qk_usb_link_may_leave(struct qk_usb_link *link)
{
	uint32_t mode = qk_sim_state(link->sim)->power.mode;
	bool orderly = mode == QK_SIM_MODE_RESET || mode == QK_SIM_MODE_SHUTTING_DOWN;
	uint64_t now_usec = qk_sim_loop_now();

	if (link->busy)
		return false;
	if (!link->device || !orderly || !qk_usb_device_has_answers(link->device))
		return true;
	if (!link->leave_usec)
		link->leave_usec = now_usec + QK_USB_LINK_GRACE_USEC;
	if (link->leave_usec <= now_usec)
		return true;
	link->wake.due_usec = link->leave_usec;
	return false;
}

static void on_bytes(void *userdata, struct qk_span header, struct qk_span data)
{
	struct qk_usb_link *link = userdata;

	qk_sim_queue_put(&link->queue, header);
	qk_sim_queue_put(&link->queue, data);
	/* another hook may have brought them, behind ours */
	link->wake.due_usec = 0;
	if (qk_sim_queue_waiting(&link->queue).size > QK_USB_LINK_FULL)
		qk_usb_device_set_congested(link->device, true);
}

/* Reads once. 0, or what ends the link. */
static const char *read_some(struct qk_usb_link *link)
{
	uint8_t buffer[READ_SIZE];
	ssize_t n = recv(link->socket.fd, buffer, sizeof(buffer), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	if (n <= 0)
		return "the kernel detached it";
	qk_sim_advance(link->sim, qk_sim_loop_now());
	if (!link->device)
		return NULL;
	link->busy = true;
	int r = qk_usb_device_input(link->device, (struct qk_span){ buffer, (size_t)n });
	/* what the host did may have changed the modem */
	qk_sim_notify(link->sim);
	link->busy = false;
	if (r < 0)
		return r == -EBADMSG ? "the kernel sent what is not USB/IP" : strerror(-r);
	return NULL;
}

static void on_socket(struct qk_sim_source *source, uint32_t events)
{
	struct qk_usb_link *link = of_socket(source);
	const char *why = NULL;

	if (events & EPOLLOUT)
		write_waiting(link);
	else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		why = read_some(link);
	if (!why && link->queue.lost)
		why = "answers were lost";
	if (why) {
		end(link, why);
		return;
	}
	link->idle(link);
}

void qk_usb_link_prepare(struct qk_usb_link *link)
{
	link->socket = (struct qk_sim_source){ .fd = -1, .ready = on_socket };
	link->wake = (struct qk_sim_timer){ .due_usec = QK_SIM_NEVER, .due = on_wake };
	link->flush = (struct qk_sim_hook){ .before_wait = before_wait };
	qk_sim_loop_add_timer(link->loop, &link->wake);
	qk_sim_loop_add_hook(link->loop, &link->flush);
}

void qk_usb_link_done(struct qk_usb_link *link)
{
	qk_usb_link_unplug(link);
	qk_sim_loop_remove_timer(link->loop, &link->wake);
	qk_sim_loop_remove_hook(link->loop, &link->flush);
}

int qk_usb_link_plug(struct qk_usb_link *link, int take_fd)
{
	const struct qk_usb_host host = { on_bytes, link, link->network };
	struct qk_usb_model model;
	int r = qk_usb_compose(qk_sim_state(link->sim), &model) ? 0 : -ENODEV;

	link->socket.fd = take_fd;
	link->queue = (struct qk_sim_queue){ 0 };
	if (r == 0)
		r = qk_usb_device_new(&model, link->sim, &host, &link->device);
	if (r == 0)
		r = qk_sim_loop_add(link->loop, &link->socket, EPOLLIN);
	if (r < 0)
		qk_usb_link_unplug(link);
	return r;
}
