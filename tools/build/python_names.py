"""The names that are on every board without the library."""

# From "static_qstr_list" in MicroPython's py/makeqstrdata.py. Names with a special meaning are
# left out: for classes (`__init__`), for code that asks what an object can do (`send`, `items`,
# `throw`), or for the language itself.
STATIC = (
    "append args clear copy count end endswith extend find format from_bytes get id index insert "
    "isalpha isdigit islower isspace isupper join key keys little lower lstrip main pop popitem "
    "read readinto readline remove replace reverse rfind rindex round rsplit rstrip sep "
    "setdefault sort split start startswith step stop strip to_bytes update upper value values "
    "write bytecode const micropython locals globals "
    "abs all any bin bool callable chr classmethod dict dir divmod eval exec getattr hasattr hash "
    "int isinstance issubclass iter len list map next object open ord pow print range repr set "
    "setattr sorted staticmethod str sum super tuple type zip"
).split()

# Attributes of objects that are not ours: Python's types, and MicroPython's modules. It is a fixed
# list, so that every Python and every system builds the same bytes.
FOREIGN = set(
    """
    AF_INET AF_INET6 AF_UNIX AI_NUMERICHOST BytesIO CancelledError EBADF EWOULDBLOCK Event IOBase
    IOQueue IPPROTO_TCP IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP Lock Loop MSG_DONTROUTE MSG_DONTWAIT
    MSG_PEEK POLLERR POLLHUP POLLIN POLLOUT SOCK_DGRAM SOCK_RAW SOCK_STREAM SOL_SOCKET
    SO_BROADCAST SO_ERROR SO_KEEPALIVE SO_LINGER SO_REUSEADDR SingletonGenerator StreamReader
    StreamWriter StringIO TCP_NODELAY Task TaskQueue ThreadSafeFlag TimeoutError VfsFat VfsLfs1
    VfsLfs2 VfsPosix _io_queue _task_queue accept acquire add add_done_callback add_note append
    args argv as_integer_ratio atexit b2a_base64 bind bit_count bit_length byteorder c_contiguous
    cancel cancelled cancelling capitalize casefold cast center characters_written chdir
    check_hostname clear clock close closed collect conjugate connect connect_ex contiguous copy
    core count create_task cur_task current_task decode denominator detach difference
    difference_update digest discard done dup encode encoding endswith errno error errors event
    exc_info exception executable exit expandtabs extend f_contiguous family filename filename2
    fileno find flush format format_map from_bytes fromhex fromkeys gather get get_coro
    get_event_loop get_inheritable get_loop get_name get_running_loop get_stack getaddrinfo
    getblocking getbuffer getcwd getenv getpeername getsockname getsockopt gettimeout getvalue
    gmtime hex ilistdir imag implementation index inet_ntop inet_pton insert intersection
    intersection_update io ioctl ipoll is_integer is_set isalnum isalpha isascii isatty isdecimal
    isdigit isdisjoint isidentifier islower isnumeric isprintable isspace issubset issuperset
    istitle isupper items itemsize join keys line_buffering listdir listen ljust load_cert_chain
    load_verify_locations localtime lock locked lower lstrip makefile maketrans maxsize mem_free
    mkdir mktime modify modules monotonic monotonic_ns mount name native nbytes ndim
    new_event_loop newlines numerator obj open open_connection os partition path peek platform
    poll pop popitem print_exception print_stack proto ps1 ps2 push putenv queue_read queue_write
    read read1 readable readinto readinto1 readline readlines readonly real recv recv_into
    recvfrom recvfrom_into recvmsg recvmsg_into register release remove remove_done_callback
    removeprefix removesuffix rename replace result reverse rfind rindex rjust rmdir rpartition
    rsplit rstrip run run_until_complete seek seekable select send sendall sendfile sendmsg
    sendmsg_afalg sendto sep set set_exception set_inheritable set_name set_result setblocking
    setdefault setsockopt settimeout sha1 shape shutdown sleep sleep_ms sleep_us sockaddr socket
    soft sort split splitlines start_server startswith stat statvfs stderr stdin stdout stream
    strerror strides strip struct_time suboffsets swapcase symmetric_difference
    symmetric_difference_update sys system tell throw ticks ticks_add ticks_cpu ticks_diff
    ticks_ms ticks_us time time_ns timeout title to_bytes tobytes tolist toreadonly translate
    truncate type umount uname uncancel union unlink unregister unsetenv update upper urandom
    values verify_mode version version_info wait wait_for wait_for_ms with_traceback wrap_socket
    writable write writelines zfill
    """.split()
)
