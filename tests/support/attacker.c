/* What code that took over a worker would try. Loaded into every worker by LD_PRELOAD;
 * the file beside it that ends in ".orders" names a file of the user's. A real-time signal
 * makes the thread that gets it run the attempts: each is one line in "attempts.<thread>"
 * in the worker's own directory, with 0 where it went and the error number where not. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define X32 0x40000000

static char victim[4096];
static long host;

/* Each thread has a report of its own: they run at the same time. */
static void say(int report, const char *what, long result) {
	char line[128];
	int length = snprintf(line, sizeof line, "%s %d\n", what, result < 0 ? errno : 0);
	syscall(SYS_write, report, line, length);
}

#define TRY(call, ...) do { errno = 0; say(report, #call, syscall(SYS_##call, ##__VA_ARGS__)); } while (0)
#define TRY_AS(what, expression) do { errno = 0; say(report, what, (long)(expression)); } while (0)
/* By number: headers may be older than the call. */
#define TRY_NUMBER(what, ...) TRY_AS(what, syscall(__VA_ARGS__))

static void attempts(int signal) {
	char name[64];
	struct sockaddr_un unix_address = {.sun_family = AF_UNIX, .sun_path = "socket"};
	struct timespec times[2] = {{0}};
	siginfo_t info = {.si_code = SI_QUEUE};
	int report;
	(void)signal;
	snprintf(name, sizeof name, "attempts.%ld", syscall(SYS_gettid));
	report = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (report < 0)
		return;

	/* Other processes. Signal 0 asks whether one could be sent. */
	TRY(kill, host, 0);
	TRY(kill, -1, 0);
	TRY(tkill, host, 0);
	TRY(tgkill, host, host, 0);
	TRY(rt_sigqueueinfo, host, 0, &info);
	TRY(rt_tgsigqueueinfo, host, host, 0, &info);
	TRY(pidfd_open, host, 0);
	TRY(ptrace, 16 /* attach */, host, 0, 0);
	TRY(process_vm_readv, host, 0, 0, 0, 0, 0);
	TRY(process_vm_writev, host, 0, 0, 0, 0, 0);
	TRY(kcmp, host, host, 0, 0, 0);
	TRY(prlimit64, host, 7, 0, times);
	TRY(setpriority, 0, host, 5);
	TRY(fcntl, 1, F_SETOWN, host);
	snprintf(name, sizeof name, "/proc/%ld/mem", host);
	TRY_AS("host memory", open(name, O_RDWR));
	snprintf(name, sizeof name, "/proc/%ld/environ", host);
	TRY_AS("host environment", open(name, O_RDONLY));
	snprintf(name, sizeof name, "/proc/%ld/fd/0", host);
	TRY_AS("host files", open(name, O_RDONLY));
	TRY(fork);
	TRY(vfork);
	TRY_NUMBER("x32 fork", SYS_fork | X32);
	TRY(clone, SIGCHLD, 0, 0, 0, 0);
	TRY(clone3, times, sizeof times);
	TRY(execve, "/bin/true", 0, 0);
	TRY(execveat, AT_FDCWD, "/bin/true", 0, 0, 0);
	TRY(setsid);
	TRY(setpgid, 0, 0);

	/* Files of the user. */
	TRY_AS("read", open(victim, O_RDONLY));
	TRY_AS("write", open(victim, O_WRONLY));
	TRY(openat, AT_FDCWD, victim, O_WRONLY | O_APPEND);
	TRY(truncate, victim, 0);
	TRY(unlink, victim);
	TRY(unlinkat, AT_FDCWD, victim, 0);
	TRY(rename, victim, "taken");
	TRY(renameat2, AT_FDCWD, victim, AT_FDCWD, "taken", 0);
	TRY(link, victim, "taken");
	TRY(linkat, AT_FDCWD, victim, AT_FDCWD, "taken", 0);
	TRY(symlink, victim, "taken");
	TRY(chmod, victim, 0777);
	TRY(fchmod, 1, 0777);
	TRY(fchmodat, AT_FDCWD, victim, 0777);
	TRY_NUMBER("fchmodat2", 452, AT_FDCWD, victim, 0777, 0);
	TRY(chown, victim, 0, 0);
	TRY(fchownat, AT_FDCWD, victim, 0, 0, 0);
	TRY(utimensat, AT_FDCWD, victim, times, 0);
	TRY(setxattr, victim, "user.x", "x", 1, 0);
	TRY(removexattr, victim, "user.x");
	TRY_NUMBER("setxattrat", 463, AT_FDCWD, victim, 0, "user.x", 0, 0);
	TRY(mkdir, "directory", 0700);
	TRY(mknod, "node", S_IFIFO | 0600, 0);
	TRY(chdir, "/");
	TRY(chroot, "/");
	TRY(open_by_handle_at, AT_FDCWD, 0, 0);
	TRY_AS("../slot.lock", open("../slot.lock", O_WRONLY));

	/* Talking. */
	TRY_AS("inet", socket(AF_INET, SOCK_STREAM, 0));
	TRY_AS("inet6", socket(AF_INET6, SOCK_DGRAM, 0));
	TRY_AS("unix", socket(AF_UNIX, SOCK_STREAM, 0));
	TRY_AS("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
	TRY_AS("vsock", socket(40, SOCK_STREAM, 0));
	TRY(socketpair, AF_UNIX, SOCK_STREAM, 0, times);
	TRY(connect, 0, &unix_address, sizeof unix_address);
	TRY(bind, 0, &unix_address, sizeof unix_address);
	TRY(sendto, 0, "x", 1, 0, 0, 0);
	TRY(sendmsg, 0, 0, 0);
	TRY(shmget, 1, 1, 01600);
	TRY(mq_open, "x", O_CREAT, 0600, 0);

	/* The kernel's rarer doors. */
	TRY(unshare, 0x10000000);
	TRY(setns, 0, 0);
	TRY(mount, 0, "/", 0, 0, 0);
	TRY(umount2, "/none", 0);
	TRY_NUMBER("open_tree", 428, AT_FDCWD, "/", 0);
	TRY_NUMBER("fsopen", 430, "tmpfs", 0);
	TRY(bpf, 0, 0, 0);
	TRY(perf_event_open, 0, 0, -1, -1, 0);
	TRY(userfaultfd, 0);
	TRY_NUMBER("io_uring_setup", 425, 1, 0);
	TRY(add_key, "user", "x", "x", 1, -1);
	TRY(keyctl, 0, 0, 0, 0, 0);
	TRY(memfd_create, "x", 0);
	TRY(personality, 0);
	TRY(inotify_init1, 0);
	TRY(fanotify_init, 0, 0);
	TRY_AS("code", mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	TRY(prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0);

	syscall(SYS_write, report, "end 1\n", 6);
}

__attribute__((constructor)) static void load(void) {
	/* Variables do not reach a worker; what is to be tried stands in a file. */
	char path[4096];
	FILE *orders;
	const char *preload = getenv("LD_PRELOAD");
	struct sigaction action = {.sa_handler = attempts, .sa_flags = SA_RESTART};
	if (!preload)
		return;
	snprintf(path, sizeof path, "%s.orders", preload);
	orders = fopen(path, "r");
	if (!orders)
		return;
	if (fscanf(orders, "%4095[^\n]", victim) != 1)
		victim[0] = 0;
	fclose(orders);
	host = getppid();
	sigaction(SIGRTMIN + 4, &action, 0);
}
