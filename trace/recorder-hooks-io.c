/*
 * Hooks of what reads and writes. A descriptor that is not recorded costs a look into the table.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "recorder-hook.h"

/* For headers that check sizes. */
ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room);
ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t size, size_t room, int flags,
		       struct sockaddr *restrict address, socklen_t *restrict address_size);

/* The connection, if it is one of datagrams. */
static struct qk_recorder_connection *datagrams(uintptr_t value)
{
	struct qk_recorder_connection *connection = qk_recorder_connection(value);

	return connection && qk_recorder_is_datagram(connection) ? connection : NULL;
}

/* --- Reading */

static ssize_t got(int fd, uintptr_t value, const struct iovec *parts, size_t count, ssize_t size)
{
	struct qk_recorder_passed passed = { .parts = parts, .count = count };

	if (size <= 0)
		return size;
	passed.size = (size_t)size;
	passed.time_nsec = qk_recorder_now();
	qk_recorder_passed(fd, value, &passed);
	return size;
}

static ssize_t got_bytes(int fd, uintptr_t value, void *buffer, size_t room, ssize_t size)
{
	const struct iovec part = { buffer, room };

	return got(fd, value, &part, 1, size);
}

/* What only looks at bytes that stay where they are, or at something else. */
static bool takes_nothing(int flags)
{
	return flags & (MSG_PEEK | MSG_ERRQUEUE);
}

/* A datagram with the address that it came from, whether the program asks for it or not. */
static ssize_t receive_message(int fd, struct qk_recorder_connection *connection,
			       struct msghdr *message, int flags)
{
	struct sockaddr_storage from;
	struct msghdr ours = *message;
	struct qk_recorder_passed passed = { .parts = message->msg_iov,
					     .count = message->msg_iovlen };

	if (!ours.msg_name) {
		ours.msg_name = &from;
		ours.msg_namelen = sizeof(from);
	}
	ssize_t size = QK_REAL(recvmsg)(fd, &ours, flags);
	if (size < 0)
		return size;
	passed.size = (size_t)size;
	passed.time_nsec = qk_recorder_now();
	qk_recorder_datagram(connection, &passed, ours.msg_name, ours.msg_namelen);
	if (message->msg_name)
		message->msg_namelen = ours.msg_namelen;
	message->msg_controllen = ours.msg_controllen;
	message->msg_flags = ours.msg_flags;
	return size;
}

static ssize_t receive_bytes(int fd, struct qk_recorder_connection *connection, void *buffer,
			     size_t size, int flags)
{
	struct iovec part = { buffer, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	return receive_message(fd, connection, &message, flags);
}

QK_HOOK ssize_t read(int fd, void *buffer, size_t size)
{
	uintptr_t value = qk_recorder_look(fd);

	if (value == QK_FD_OTHER)
		return QK_REAL(read)(fd, buffer, size);
	if (datagrams(value) && size)
		return receive_bytes(fd, datagrams(value), buffer, size, 0);
	return got_bytes(fd, value, buffer, size, QK_REAL(read)(fd, buffer, size));
}

QK_HOOK ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
	uintptr_t value = size <= room ? qk_recorder_look(fd) : QK_FD_OTHER;

	if (value == QK_FD_OTHER)
		return QK_REAL(__read_chk)(fd, buffer, size, room);
	return read(fd, buffer, size);
}

QK_HOOK ssize_t readv(int fd, const struct iovec *parts, int count)
{
	uintptr_t value = qk_recorder_look(fd);
	struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count };

	if (value == QK_FD_OTHER || count <= 0)
		return QK_REAL(readv)(fd, parts, count);
	if (datagrams(value))
		return receive_message(fd, datagrams(value), &message, 0);
	return got(fd, value, parts, (size_t)count, QK_REAL(readv)(fd, parts, count));
}

QK_HOOK ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	uintptr_t value = qk_recorder_look(fd);

	if (value == QK_FD_OTHER || takes_nothing(flags))
		return QK_REAL(recv)(fd, buffer, size, flags);
	if (datagrams(value))
		return receive_bytes(fd, datagrams(value), buffer, size, flags);
	return got_bytes(fd, value, buffer, size, QK_REAL(recv)(fd, buffer, size, flags));
}

QK_HOOK ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags)
{
	uintptr_t value = size <= room ? qk_recorder_look(fd) : QK_FD_OTHER;

	if (value == QK_FD_OTHER)
		return QK_REAL(__recv_chk)(fd, buffer, size, room, flags);
	return recv(fd, buffer, size, flags);
}

QK_HOOK ssize_t recvfrom(int fd, void *restrict buffer, size_t size, int flags,
			 struct sockaddr *restrict address, socklen_t *restrict address_size)
{
	uintptr_t value = qk_recorder_look(fd);
	struct iovec part = { buffer, size };

	if (value == QK_FD_OTHER || takes_nothing(flags))
		return QK_REAL(recvfrom)(fd, buffer, size, flags, address, address_size);
	if (!datagrams(value))
		return got(fd, value, &part, 1,
			   QK_REAL(recvfrom)(fd, buffer, size, flags, address, address_size));
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	if (address && address_size) {
		message.msg_name = address;
		message.msg_namelen = *address_size;
	}
	ssize_t r = receive_message(fd, datagrams(value), &message, flags);
	if (r >= 0 && address && address_size)
		*address_size = message.msg_namelen;
	return r;
}

QK_HOOK ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t size, size_t room, int flags,
			       struct sockaddr *restrict address, socklen_t *restrict address_size)
{
	uintptr_t value = size <= room ? qk_recorder_look(fd) : QK_FD_OTHER;

	if (value == QK_FD_OTHER)
		return QK_REAL(__recvfrom_chk)(fd, buffer, size, room, flags, address,
					       address_size);
	return recvfrom(fd, buffer, size, flags, address, address_size);
}

QK_HOOK ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	uintptr_t value = qk_recorder_look(fd);

	if (value == QK_FD_OTHER || takes_nothing(flags) || !message)
		return QK_REAL(recvmsg)(fd, message, flags);
	if (datagrams(value))
		return receive_message(fd, datagrams(value), message, flags);
	ssize_t size = QK_REAL(recvmsg)(fd, message, flags);
	/* what the kernel refused may not be readable */
	return size > 0 ? got(fd, value, message->msg_iov, message->msg_iovlen, size) : size;
}

QK_HOOK int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags,
		     struct timespec *timeout)
{
	uintptr_t value = qk_recorder_look(fd);
	int r = QK_REAL(recvmmsg)(fd, messages, count, flags, timeout);

	if (value == QK_FD_OTHER || takes_nothing(flags))
		return r;
	for (int i = 0; i < r; i++) {
		const struct msghdr *message = &messages[i].msg_hdr;
		const struct qk_recorder_passed passed = {
			.time_nsec = qk_recorder_now(),
			.parts = message->msg_iov,
			.count = message->msg_iovlen,
			.size = messages[i].msg_len,
		};
		if (datagrams(value))
			qk_recorder_datagram(datagrams(value), &passed, message->msg_name,
					     message->msg_name ? message->msg_namelen : 0);
		else
			qk_recorder_passed(fd, value, &passed);
	}
	return r;
}

/* --- Writing */

struct sent {
	uintptr_t value;
	uint64_t time_nsec; /* before the call: the answer may be there when it comes back */
};

static struct sent about_to_send(int fd)
{
	struct sent sent = { .value = qk_recorder_look(fd) };

	if (sent.value != QK_FD_OTHER)
		sent.time_nsec = qk_recorder_now();
	return sent;
}

static void went(int fd, const struct sent *sent, const struct msghdr *message, size_t size)
{
	const struct qk_recorder_passed passed = {
		.written = true,
		.time_nsec = sent->time_nsec,
		.parts = message->msg_iov,
		.count = message->msg_iovlen,
		.size = size,
	};

	if (datagrams(sent->value))
		qk_recorder_datagram(datagrams(sent->value), &passed, message->msg_name,
				     message->msg_name ? message->msg_namelen : 0);
	else
		qk_recorder_passed(fd, sent->value, &passed);
}

static ssize_t went_parts(int fd, const struct sent *sent, const struct iovec *parts, size_t count,
			  ssize_t size)
{
	const struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = count };

	if (sent->value != QK_FD_OTHER && size > 0)
		went(fd, sent, &message, (size_t)size);
	return size;
}

static ssize_t went_bytes(int fd, const struct sent *sent, const void *buffer, ssize_t size)
{
	const struct iovec part = { (void *)buffer, size > 0 ? (size_t)size : 0 };

	return went_parts(fd, sent, &part, 1, size);
}

QK_HOOK ssize_t write(int fd, const void *buffer, size_t size)
{
	struct sent sent = about_to_send(fd);

	return went_bytes(fd, &sent, buffer, QK_REAL(write)(fd, buffer, size));
}

QK_HOOK ssize_t writev(int fd, const struct iovec *parts, int count)
{
	struct sent sent = about_to_send(fd);
	ssize_t size = QK_REAL(writev)(fd, parts, count);

	return went_parts(fd, &sent, parts, count > 0 ? (size_t)count : 0, size);
}

QK_HOOK ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	struct sent sent = about_to_send(fd);

	return went_bytes(fd, &sent, buffer, QK_REAL(send)(fd, buffer, size, flags));
}

QK_HOOK ssize_t sendto(int fd, const void *buffer, size_t size, int flags,
		       const struct sockaddr *address, socklen_t address_size)
{
	struct sent sent = about_to_send(fd);
	ssize_t r = QK_REAL(sendto)(fd, buffer, size, flags, address, address_size);
	struct iovec part = { (void *)buffer, r > 0 ? (size_t)r : 0 };
	const struct msghdr message = {
		.msg_name = (void *)address,
		.msg_namelen = address_size,
		.msg_iov = &part,
		.msg_iovlen = 1,
	};

	if (sent.value != QK_FD_OTHER && r > 0)
		went(fd, &sent, &message, (size_t)r);
	return r;
}

QK_HOOK ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct sent sent = about_to_send(fd);
	ssize_t r = QK_REAL(sendmsg)(fd, message, flags);

	if (sent.value != QK_FD_OTHER && r > 0)
		went(fd, &sent, message, (size_t)r);
	return r;
}

QK_HOOK int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	struct sent sent = about_to_send(fd);
	int r = QK_REAL(sendmmsg)(fd, messages, count, flags);

	for (int i = 0; sent.value != QK_FD_OTHER && i < r; i++)
		went(fd, &sent, &messages[i].msg_hdr, messages[i].msg_len);
	return r;
}
