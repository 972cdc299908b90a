/*
 * Slirp: libslirp behind the data calls (see slirp.h).
 *
 * libslirp speaks Ethernet and polls; we have raw IP and epoll. Frames get made-up addresses: the host
 * tells libslirp its own with one ARP request or neighbour solicitation, and what libslirp says in
 * those protocols is not passed on. All sockets of all calls are in one epoll descriptor, which the
 * loop watches; before each wait those calls in which something happened are asked anew what they wait
 * for.
 */
#include "slirp.h"

#include <errno.h>
#include <libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "inet-nd.h"

#define ETHERNET 14u
#define TYPE_IP4 0x0800u
#define TYPE_ARP 0x0806u
#define TYPE_IP6 0x86ddu
#define EVENTS_MAX 64
/* Descriptors above are not watched: a program has 1024 unless somebody asked for more. */
#define SOCKETS_MAX 65536u
/* Sockets of one call: above the first no connection is made, above the second no datagram passes. What a
 * host opens and forgets may not take the descriptors of other modems. */
#define CONNECTIONS_MAX 192u
#define LINK_SOCKETS_MAX 256u
/* What libslirp asks for when nothing is to be done in time. */
#define IDLE_MS 1000u

static const uint8_t host_mac[6] = { 0x02, 0, 0, 0, 0, 1 };
static const uint8_t all_macs[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
/* libslirp takes what is sent to any address. */
static const uint8_t gateway_mac[6] = { 0x02, 0, 0, 0, 0, 2 };

struct qk_slirp_link {
	struct qk_slirp *slirp;
	struct qk_slirp_link *next;
	struct qk_datapath *datapath;
	unsigned int flow;
	struct qk_inet_config config;
	struct qk_inet_address announced; /* whom libslirp knows to be the host */
	Slirp *stack;
	struct qk_sim_timer timer;
	bool dirty; /* it may wait for something else than it did */
	bool ready; /* of what it waits for, some is there */
	int *fds;   /* what it waits for, in the order of its indices */
	size_t fd_count, fd_capacity;
	size_t socket_count; /* those it has, waited for or not */
	uint32_t round;
	uint8_t frame[];
};

/* --- Frames */

static void put_ethernet(struct qk_writer *w, const uint8_t *destination, uint16_t type)
{
	qk_write_bytes(w, destination, 6);
	qk_write_bytes(w, host_mac, sizeof(host_mac));
	qk_write_uint(w, type, 2, true);
}

static void input(struct qk_slirp_link *link, const uint8_t *frame, size_t size)
{
	link->dirty = true;
	slirp_input(link->stack, frame, (int)size);
}

/* Who has the gateway's address? Who asks is known from then on. */
static void announce4(struct qk_slirp_link *link)
{
	uint8_t frame[60];
	struct qk_writer w = qk_writer(frame, sizeof(frame));

	put_ethernet(&w, all_macs, TYPE_ARP);
	qk_write_uint(&w, 0x0001080006040001, 8, true); /* Ethernet, IPv4, their sizes, request */
	qk_write_bytes(&w, host_mac, 6);
	qk_write_bytes(&w, link->config.address.bytes, 4);
	qk_write_uint(&w, 0, 6, true);
	qk_write_bytes(&w, link->config.gateway.bytes, 4);
	memset(w.pos, 0, (size_t)(w.end - w.pos));
	input(link, frame, sizeof(frame));
}

static void announce6(struct qk_slirp_link *link, const struct qk_inet_address *source)
{
	uint8_t frame[ETHERNET + 72];
	struct qk_writer w = qk_writer(frame, sizeof(frame));
	struct qk_ip ip = { .version = 6, .protocol = QK_IP_ICMP6, .hop_limit = 255 };

	put_ethernet(&w, gateway_mac, TYPE_IP6);
	ip.source = *source;
	ip.destination = link->config.gateway;
	size_t mark = qk_ip_begin(&w, &ip);
	qk_icmp_begin(&w, 135, 0); /* neighbour solicitation */
	qk_write_uint(&w, 0, 4, true);
	qk_write_bytes(&w, link->config.gateway.bytes, 16);
	qk_write_uint(&w, 0x0101, 2, true); /* the source's link-layer address */
	qk_write_bytes(&w, host_mac, 6);
	if (qk_ip_end(&w, mark) > 0)
		input(link, frame, qk_writer_used(&w));
}

/* libslirp keeps several addresses of a host apart, and forgets the oldest. */
static void announce(struct qk_slirp_link *link, const struct qk_inet_address *source)
{
	if (qk_inet_equal(&link->announced, source))
		return;
	link->announced = *source;
	if (link->config.version == 4)
		announce4(link);
	else
		announce6(link, source);
}

static bool may_go(const struct qk_slirp_link *link, const struct qk_ip *ip)
{
	const struct qk_inet_config *config = &link->config;

	if (ip->version != config->version)
		return false;
	if (qk_inet_equal(&ip->destination, &config->gateway))
		return true;
	return link->slirp->internet && !qk_inet_is_group(&ip->destination, ip->version) &&
	       !qk_inet_same_net(&ip->destination, &config->address, config->prefix_bits);
}

static bool is_new_connection(const struct qk_ip *ip)
{
	/* SYN without ACK */
	return ip->protocol == QK_IP_TCP && !ip->fragment && ip->payload.size > 13 &&
	       (ip->payload.data[13] & 0x12) == 0x02;
}

/* Whether the call has as many sockets as it may. */
static bool is_full(const struct qk_slirp_link *link, const struct qk_ip *ip)
{
	if (ip->protocol == QK_IP_TCP)
		return is_new_connection(ip) && link->socket_count >= CONNECTIONS_MAX;
	return link->socket_count >= LINK_SOCKETS_MAX;
}

static bool link_send(void *userdata, const struct qk_ip *ip)
{
	struct qk_slirp_link *link = userdata;
	struct qk_writer w = qk_writer(link->frame, ETHERNET + (size_t)link->config.mtu);

	if (!may_go(link, ip))
		return false;
	if (is_full(link, ip))
		return true; /* it is lost on its way */
	announce(link, &ip->source);
	put_ethernet(&w, gateway_mac, ip->version == 4 ? TYPE_IP4 : TYPE_IP6);
	qk_write_bytes(&w, ip->packet.data, ip->packet.size);
	if (!w.error)
		input(link, link->frame, qk_writer_used(&w));
	return true;
}

/* --- What libslirp calls */

static ssize_t on_frame(const void *frame, size_t size, void *userdata)
{
	struct qk_slirp_link *link = userdata;
	struct qk_cursor c = qk_cursor((struct qk_span){ frame, size });
	struct qk_ip ip;

	qk_cursor_take(&c, 12);
	uint64_t type = qk_cursor_uint(&c, 2, true);
	struct qk_span packet = qk_cursor_take(&c, qk_cursor_left(&c));
	if ((type == TYPE_IP4 || type == TYPE_IP6) && qk_ip_read(packet, &ip) == 0 &&
	    !qk_nd_is(&ip))
		qk_datapath_deliver(link->datapath, link->flow, packet);
	return (ssize_t)size;
}

static void on_guest_error(const char *message, void *userdata)
{
	/* what the host does wrong is not worth a line for each packet */
	(void)message;
	(void)userdata;
}

static int64_t on_clock(void *userdata)
{
	struct timespec now;

	(void)userdata;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Its only timer sends router advertisements, which are the modem's to send: it never runs. */
static void *on_timer_new(SlirpTimerCb callback, void *callback_userdata, void *userdata)
{
	(void)callback;
	(void)callback_userdata;
	return userdata;
}

static void on_timer_free(void *timer, void *userdata)
{
	(void)timer;
	(void)userdata;
}

static void on_timer_mod(void *timer, int64_t expire_ms, void *userdata)
{
	(void)timer;
	(void)expire_ms;
	(void)userdata;
}

static bool make_room(struct qk_slirp *slirp, int fd)
{
	size_t count = slirp->socket_count ? slirp->socket_count : 64;

	if (fd < 0 || (size_t)fd >= SOCKETS_MAX)
		return false;
	if ((size_t)fd < slirp->socket_count)
		return true;
	while (count <= (size_t)fd)
		count *= 2;
	struct qk_slirp_socket *sockets = realloc(slirp->sockets, count * sizeof(*sockets));
	if (!sockets)
		return false;
	memset(sockets + slirp->socket_count, 0, (count - slirp->socket_count) * sizeof(*sockets));
	slirp->sockets = sockets;
	slirp->socket_count = count;
	return true;
}

/* A descriptor's number may have been another's, of which libslirp said nothing. */
static void forget_socket(struct qk_slirp *slirp, int fd)
{
	struct qk_slirp_socket *socket = &slirp->sockets[fd];

	if (socket->link)
		(void)epoll_ctl(slirp->source.fd, EPOLL_CTL_DEL, fd, NULL);
	if (socket->owner)
		socket->owner->socket_count--;
	*socket = (struct qk_slirp_socket){ 0 };
}

static void on_new_fd(int fd, void *userdata)
{
	struct qk_slirp_link *link = userdata;

	link->dirty = true;
	if (!make_room(link->slirp, fd))
		return;
	forget_socket(link->slirp, fd);
	link->slirp->sockets[fd].owner = link;
	link->socket_count++;
}

static void on_old_fd(int fd, void *userdata)
{
	struct qk_slirp_link *link = userdata;

	link->dirty = true;
	if (fd >= 0 && (size_t)fd < link->slirp->socket_count)
		forget_socket(link->slirp, fd);
}

static void on_notify(void *userdata)
{
	struct qk_slirp_link *link = userdata;

	link->dirty = true;
}

static const SlirpCb callbacks = {
	.send_packet = on_frame,
	.guest_error = on_guest_error,
	.clock_get_ns = on_clock,
	.timer_new = on_timer_new,
	.timer_free = on_timer_free,
	.timer_mod = on_timer_mod,
	.register_poll_fd = on_new_fd,
	.unregister_poll_fd = on_old_fd,
	.notify = on_notify,
};

/* --- What it waits for */

/* libslirp's names of events and epoll's. */
static const struct {
	int slirp;
	uint32_t epoll;
} event_names[] = {
	{ SLIRP_POLL_IN, EPOLLIN },   { SLIRP_POLL_OUT, EPOLLOUT }, { SLIRP_POLL_PRI, EPOLLPRI },
	{ SLIRP_POLL_ERR, EPOLLERR }, { SLIRP_POLL_HUP, EPOLLHUP },
};

static uint32_t to_epoll(int events)
{
	uint32_t result = 0;

	for (size_t i = 0; i < sizeof(event_names) / sizeof(event_names[0]); i++)
		if (events & event_names[i].slirp)
			result |= event_names[i].epoll;
	return result;
}

static int from_epoll(uint32_t events)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(event_names) / sizeof(event_names[0]); i++)
		if (events & event_names[i].epoll)
			result |= event_names[i].slirp;
	return result;
}

static bool make_room_in_link(struct qk_slirp_link *link)
{
	size_t capacity = link->fd_capacity ? link->fd_capacity * 2 : 16;

	if (link->fd_count < link->fd_capacity)
		return true;
	int *fds = realloc(link->fds, capacity * sizeof(*fds));
	if (!fds)
		return false;
	link->fds = fds;
	link->fd_capacity = capacity;
	return true;
}

static void watch(struct qk_slirp_link *link, int fd, uint32_t events)
{
	struct qk_slirp_socket *socket = &link->slirp->sockets[fd];
	struct epoll_event event = { .events = events, .data.fd = fd };
	int epoll_fd = link->slirp->source.fd;

	socket->round = link->round;
	socket->ready = 0;
	if (socket->link == link && socket->events == events)
		return;
	if (epoll_ctl(epoll_fd, socket->link ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0 &&
	    (errno != ENOENT || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) &&
	    (errno != EEXIST || epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0))
		return;
	socket->link = link;
	socket->events = events;
}

static int on_poll(int fd, int events, void *userdata)
{
	struct qk_slirp_link *link = userdata;

	if (!make_room(link->slirp, fd) || !make_room_in_link(link))
		return -1;
	watch(link, fd, to_epoll(events));
	link->fds[link->fd_count] = fd;
	return (int)link->fd_count++;
}

static int on_events(int index, void *userdata)
{
	struct qk_slirp_link *link = userdata;

	if (index < 0 || (size_t)index >= link->fd_count)
		return 0;
	return from_epoll(link->slirp->sockets[link->fds[index]].ready);
}

/* Those that it named before and does not any more. */
static void forget_others(struct qk_slirp_link *link, const int *fds, size_t count)
{
	struct qk_slirp *slirp = link->slirp;

	for (size_t i = 0; i < count; i++) {
		struct qk_slirp_socket *socket = &slirp->sockets[fds[i]];

		if (socket->link != link || socket->round == link->round)
			continue;
		(void)epoll_ctl(slirp->source.fd, EPOLL_CTL_DEL, fds[i], NULL);
		*socket = (struct qk_slirp_socket){ .owner = socket->owner };
	}
}

static void fill(struct qk_slirp_link *link)
{
	uint32_t timeout_ms = UINT32_MAX;
	int *before = link->fds;
	size_t count = link->fd_count;

	link->dirty = false;
	link->fds = NULL;
	link->fd_count = link->fd_capacity = 0;
	link->round++;
	slirp_pollfds_fill(link->stack, &timeout_ms, on_poll, link);
	forget_others(link, before, count);
	free(before);
	link->timer.due_usec = QK_SIM_NEVER;
	if (link->fd_count || timeout_ms < IDLE_MS)
		link->timer.due_usec = qk_sim_loop_now() + (uint64_t)timeout_ms * 1000;
}

static void poll_link(struct qk_slirp_link *link)
{
	link->dirty = true;
	slirp_pollfds_poll(link->stack, 0, on_events, link);
	for (size_t i = 0; i < link->fd_count; i++)
		link->slirp->sockets[link->fds[i]].ready = 0;
}

static void on_timer(struct qk_sim_timer *timer)
{
	poll_link((struct qk_slirp_link *)((char *)timer - offsetof(struct qk_slirp_link, timer)));
}

static void on_sockets(struct qk_sim_source *source, uint32_t unused)
{
	struct qk_slirp *slirp =
		(struct qk_slirp *)((char *)source - offsetof(struct qk_slirp, source));
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(source->fd, events, EVENTS_MAX, 0);

	(void)unused;
	for (int i = 0; i < count; i++) {
		struct qk_slirp_socket *socket = &slirp->sockets[events[i].data.fd];

		if (!socket->link)
			continue;
		socket->ready = events[i].events;
		socket->link->ready = true;
	}
	for (struct qk_slirp_link *link = slirp->links; link; link = link->next) {
		if (!link->ready)
			continue;
		link->ready = false;
		poll_link(link);
	}
}

static void before_wait(struct qk_sim_hook *hook)
{
	struct qk_slirp *slirp =
		(struct qk_slirp *)((char *)hook - offsetof(struct qk_slirp, hook));

	for (struct qk_slirp_link *link = slirp->links; link; link = link->next)
		if (link->dirty)
			fill(link);
}

/* --- Calls */

static void configure4(const struct qk_inet_config *config, SlirpConfig *ret)
{
	ret->in_enabled = true;
	memcpy(&ret->vhost, config->gateway.bytes, 4);
	ret->vnetmask.s_addr = htonl(UINT32_MAX << (32 - config->prefix_bits));
	ret->vnetwork.s_addr = ret->vhost.s_addr & ret->vnetmask.s_addr;
	memcpy(&ret->vdhcp_start, config->address.bytes, 4);
	ret->vnameserver = ret->vhost;
}

static void configure6(const struct qk_inet_config *config, SlirpConfig *ret)
{
	ret->in6_enabled = true;
	memcpy(&ret->vhost6, config->gateway.bytes, 16);
	memcpy(&ret->vprefix_addr6, config->gateway.bytes, config->prefix_bits / 8);
	ret->vprefix_len = config->prefix_bits;
	ret->vnameserver6 = ret->vhost6;
}

static Slirp *new_stack(struct qk_slirp_link *link)
{
	SlirpConfig config = {
		.version = 4,
		.if_mtu = link->config.mtu,
		.if_mru = link->config.mtu,
		.disable_dns = true,
		.disable_dhcp = true,
	};

	if (!link->config.prefix_bits || link->config.prefix_bits > 128 ||
	    (link->config.version == 4 && link->config.prefix_bits > 30))
		return NULL;
	if (link->config.version == 4)
		configure4(&link->config, &config);
	else
		configure6(&link->config, &config);
	return slirp_new(&config, &callbacks, link);
}

static void link_close(void *userdata)
{
	struct qk_slirp_link *link = userdata;
	struct qk_slirp *slirp = link->slirp;

	for (struct qk_slirp_link **at = &slirp->links; *at; at = &(*at)->next) {
		if (*at == link) {
			*at = link->next;
			break;
		}
	}
	link->round++;
	forget_others(link, link->fds, link->fd_count);
	if (link->stack)
		slirp_cleanup(link->stack);
	for (size_t i = 0; i < slirp->socket_count; i++)
		if (slirp->sockets[i].owner == link)
			forget_socket(slirp, (int)i);
	qk_sim_loop_remove_timer(slirp->loop, &link->timer);
	free(link->fds);
	free(link);
}

static void *link_open(void *userdata, struct qk_datapath *datapath, unsigned int flow,
		       const struct qk_inet_config *config)
{
	struct qk_slirp *slirp = userdata;
	struct qk_slirp_link *link = calloc(1, sizeof(*link) + ETHERNET + config->mtu);

	if (!link)
		return NULL;
	*link = (struct qk_slirp_link){
		.slirp = slirp,
		.next = slirp->links,
		.datapath = datapath,
		.flow = flow,
		.config = *config,
		.timer = { .due_usec = QK_SIM_NEVER, .due = on_timer },
	};
	slirp->links = link;
	qk_sim_loop_add_timer(slirp->loop, &link->timer);
	link->stack = new_stack(link);
	if (!link->stack) {
		link_close(link);
		return NULL;
	}
	return link;
}

const struct qk_outside qk_slirp_outside = {
	.open = link_open,
	.close = link_close,
	.send = link_send,
};

int qk_slirp_open(struct qk_slirp *slirp, struct qk_sim_loop *loop, bool internet)
{
	*slirp = (struct qk_slirp){
		.loop = loop,
		.internet = internet,
		.source = { .fd = epoll_create1(EPOLL_CLOEXEC), .ready = on_sockets },
		.hook = { .before_wait = before_wait },
	};
	if (slirp->source.fd < 0)
		return -errno;
	int r = qk_sim_loop_add(loop, &slirp->source, EPOLLIN);
	if (r == 0)
		qk_sim_loop_add_hook(loop, &slirp->hook);
	else
		qk_slirp_close(slirp);
	return r;
}

void qk_slirp_close(struct qk_slirp *slirp)
{
	if (!slirp->loop)
		return;
	qk_sim_loop_remove_hook(slirp->loop, &slirp->hook);
	qk_sim_loop_remove(&slirp->source);
	if (slirp->source.fd >= 0)
		close(slirp->source.fd);
	free(slirp->sockets);
	*slirp = (struct qk_slirp){ 0 };
}
