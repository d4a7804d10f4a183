package dev.berth.hypervisor;

import static dev.berth.hypervisor.LibvirtNative.libvirt;
import static dev.berth.hypervisor.NativeHandle.check;
import static dev.berth.hypervisor.NativeHandle.unless;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import dev.berth.hypervisor.LibvirtLink.Patience;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** libvirt's domains on one host, by their UUID. */
final class LibvirtDomains {
    /** Where a struct _virDomainStatsRecord and a struct _virTypedParameter keep their fields (64 bit). */
    private static final int RECORD_PARAMS = 8;

    private static final int RECORD_COUNT = 16;
    private static final int PARAM_SIZE = 96;
    private static final int PARAM_TYPE = 80;
    private static final int PARAM_VALUE = 88;
    /** VIR_TYPED_PARAM_ULLONG. */
    private static final int TYPE_UNSIGNED_LONG = 4;
    /** A struct _virDomainBlockInfo: capacity, allocation, physical. */
    private static final int BLOCK_INFO_BYTES = 3 * Long.BYTES;

    private static final int UUID_TEXT_BYTES = 37;

    /** A guest's agent may be slow or out to make us wait. */
    private static final int AGENT_SECONDS = 2;

    /** Writing out all that a busy guest holds back takes a while. */
    private static final int FREEZE_SECONDS = 15;

    private final LibvirtLink link;

    LibvirtDomains(LibvirtLink link) {
        this.link = link;
    }

    /** A domain as the bulk call lists it. */
    record Listed(UUID id, String name, DomainState state) {}

    /** Something done with one domain. */
    private interface Deed<T> {
        T with(Pointer domain) throws LibvirtFailure;
    }

    Optional<DomainState> state(UUID id) {
        return onDomain("look at a machine", Patience.QUICK, id, domain -> {
            IntByReference state = new IntByReference();
            check(libvirt().virDomainGetState(domain, state, null, 0));
            return folded(state.getValue());
        });
    }

    /** Berth's own element in the domain's metadata; empty when it has none or there is no such domain. */
    Optional<String> metadata(UUID id) {
        return onDomain("look at a machine", Patience.QUICK, id, domain -> unless(
                                LibvirtFailure.NO_DOMAIN_METADATA,
                                () -> NativeHandle.text(libvirt()
                                        .virDomainGetMetadata(
                                                domain, LibvirtNative.METADATA_ELEMENT, DomainMark.NAMESPACE, 0)))
                        .orElse(""))
                .filter(text -> !text.isEmpty());
    }

    /** All domains of the host in one call that waits for no domain's own work. */
    List<Listed> list() {
        return link.call("list its machines", Patience.QUICK, connection -> {
            PointerByReference found = new PointerByReference();
            int count = check(libvirt().virConnectGetAllDomainStats(connection, LibvirtNative.STATS_STATE, found, 0));
            try {
                List<Listed> domains = new ArrayList<>(count);
                for (int index = 0; index < count; index++) {
                    domains.add(listed(found.getValue().getPointer((long) index * Long.BYTES)));
                }
                return domains;
            } finally {
                libvirt().virDomainStatsRecordListFree(found.getValue());
            }
        });
    }

    private Listed listed(Pointer record) throws LibvirtFailure {
        Pointer domain = record.getPointer(0);
        Pointer parameters = record.getPointer(RECORD_PARAMS);
        int count = record.getInt(RECORD_COUNT);
        int state = 0;
        for (int index = 0; index < count; index++) {
            Pointer parameter = parameters.share((long) index * PARAM_SIZE);
            if (parameter.getString(0).equals("state.state")) {
                state = parameter.getInt(PARAM_VALUE);
            }
        }
        byte[] uuid = new byte[UUID_TEXT_BYTES];
        check(libvirt().virDomainGetUUIDString(domain, uuid));
        String id = new String(uuid, 0, UUID_TEXT_BYTES - 1, StandardCharsets.US_ASCII);
        return new Listed(UUID.fromString(id), libvirt().virDomainGetName(domain), folded(state));
    }

    /**
     * The domain's name: the one it has, else this one, else, where another domain of the host is called so, this one
     * with the beginning of the machine's id.
     */
    String name(UUID id, String wanted) {
        return onDomain("look at a machine", Patience.QUICK, id, domain -> libvirt()
                        .virDomainGetName(domain))
                .orElseGet(() -> exists(wanted) ? wanted + "-" + id.toString().substring(0, 8) : wanted);
    }

    private boolean exists(String name) {
        return link.call(
                        "look at a machine",
                        Patience.QUICK,
                        connection -> unless(LibvirtFailure.NO_DOMAIN, () -> {
                            NativeHandle.domain(libvirt().virDomainLookupByName(connection, name))
                                    .close();
                            return true;
                        }))
                .isPresent();
    }

    void define(String xml) {
        link.call("define the machine", Patience.LONG, connection -> {
            NativeHandle.domain(libvirt().virDomainDefineXMLFlags(connection, xml, 0))
                    .close();
            return null;
        });
    }

    boolean start(UUID id) {
        return act("start the machine", id, domain -> libvirt().virDomainCreateWithFlags(domain, 0));
    }

    boolean resume(UUID id) {
        return act("resume the machine", id, libvirt()::virDomainResume);
    }

    boolean suspend(UUID id) {
        return act("hold the machine for a moment", id, libvirt()::virDomainSuspend);
    }

    /**
     * Has the guest's agent write out what the guest holds back and keep its file systems still.
     *
     * @return false if there is no agent, or it can't
     */
    boolean freeze(UUID id) {
        return asked(id, domain -> libvirt().virDomainFSFreeze(domain, null, 0, 0));
    }

    /** Ends {@link #freeze}. @return false if there is no agent, or it did not */
    boolean thaw(UUID id) {
        return asked(id, domain -> libvirt().virDomainFSThaw(domain, null, 0, 0));
    }

    /** Asks the agent for something it may refuse or never answer. */
    private boolean asked(UUID id, Action question) {
        return onDomain("ask the guest's agent", Patience.LONG, id, domain -> {
                    libvirt().virDomainAgentSetResponseTimeout(domain, FREEZE_SECONDS, 0);
                    boolean done = question.on(domain) >= 0;
                    if (!done) {
                        LibvirtFailure.last();
                    }
                    return done;
                })
                .orElse(false);
    }

    /** Says something to QEMU's monitor (QMP), one JSON object, and returns its answer. */
    Optional<String> monitor(UUID id, String command) {
        return onDomain("work on the machine's disks", Patience.LONG, id, domain -> {
            PointerByReference answer = new PointerByReference();
            check(LibvirtQemu.libvirt().virDomainQemuMonitorCommand(domain, command, answer, 0));
            return NativeHandle.text(answer.getValue());
        });
    }

    /**
     * Says something to the guest's agent, one JSON object, and returns its answer, which is the guest's own word; empty if
     * there is no agent, or it refuses.
     */
    Optional<String> agent(UUID id, String command) {
        return onDomain("ask the guest's agent", Patience.LONG, id, domain -> {
                    Pointer answer =
                            LibvirtQemu.libvirt().virDomainQemuAgentCommand(domain, command, FREEZE_SECONDS, 0);
                    if (answer == null) {
                        LibvirtFailure.last();
                        return Optional.<String>empty();
                    }
                    return Optional.of(NativeHandle.text(answer));
                })
                .orElse(Optional.empty());
    }

    boolean shutdown(UUID id) {
        return act("ask the machine to shut down", id, domain -> libvirt().virDomainShutdownFlags(domain, 0));
    }

    boolean reboot(UUID id) {
        return act("ask the machine to reboot", id, domain -> libvirt().virDomainReboot(domain, 0));
    }

    boolean reset(UUID id) {
        return act("reset the machine", id, domain -> libvirt().virDomainReset(domain, 0));
    }

    boolean destroy(UUID id) {
        return act("power the machine off", id, domain -> libvirt().virDomainDestroyFlags(domain, 0));
    }

    boolean undefine(UUID id) {
        return act("remove the machine's definition", id, domain -> libvirt()
                .virDomainUndefineFlags(domain, LibvirtNative.UNDEFINE_ALL));
    }

    /** The description of what runs, or for one that is off of what is kept; empty if there is no such domain. */
    Optional<LibvirtXml> description(UUID id) {
        return onDomain(
                "look at a machine",
                Patience.QUICK,
                id,
                domain -> LibvirtXml.parse(NativeHandle.text(libvirt().virDomainGetXMLDesc(domain, 0))));
    }

    /** Puts a device into the running domain. */
    void attach(UUID id, String xml) {
        act("add a device to the machine", id, domain -> libvirt()
                .virDomainAttachDeviceFlags(domain, xml, LibvirtNative.AFFECT_LIVE));
    }

    /** Asks the guest to let go of a device; whether it does shows later. */
    void detach(UUID id, String xml) {
        act("take a device from the machine", id, domain -> libvirt()
                .virDomainDetachDeviceFlags(domain, xml, LibvirtNative.AFFECT_LIVE));
    }

    /** Changes what can be changed of a device in the running domain. */
    void update(UUID id, String xml) {
        act("change a device of the machine", id, domain -> libvirt()
                .virDomainUpdateDeviceFlags(domain, xml, LibvirtNative.AFFECT_LIVE));
    }

    /** The bytes that the guest sees on the disk. @param target the disk's device, {@code vda} for one */
    Optional<Long> diskBytes(UUID id, String target) {
        return onDomain("look at a machine's disk", Patience.QUICK, id, domain -> {
            try (Memory info = new Memory(BLOCK_INFO_BYTES)) {
                info.clear();
                check(libvirt().virDomainGetBlockInfo(domain, target, info, 0));
                return info.getLong(0);
            }
        });
    }

    /** Makes a running domain's disk larger; the guest sees it at once. */
    void growDisk(UUID id, String target, long bytes) {
        act("grow the machine's disk", id, domain -> libvirt()
                .virDomainBlockResize(domain, target, bytes, LibvirtNative.BLOCK_RESIZE_BYTES));
    }

    /** Sets limits of a running domain's disk, by their names as in {@code <iotune>}; 0 is none. */
    void limitDisk(UUID id, String target, Map<String, Long> limits) {
        act("limit the machine's disk", id, domain -> {
            try (Memory parameters = new Memory((long) PARAM_SIZE * limits.size())) {
                parameters.clear();
                int index = 0;
                for (Map.Entry<String, Long> limit : limits.entrySet()) {
                    Pointer parameter = parameters.share((long) index++ * PARAM_SIZE);
                    parameter.setString(0, limit.getKey());
                    parameter.setInt(PARAM_TYPE, TYPE_UNSIGNED_LONG);
                    parameter.setLong(PARAM_VALUE, limit.getValue());
                }
                return libvirt()
                        .virDomainSetBlockIoTune(domain, target, parameters, limits.size(), LibvirtNative.AFFECT_LIVE);
            }
        });
    }

    /** Who is asked for a guest's addresses: virDomainInterfaceAddressesSource. */
    enum AddressSource {
        AGENT(1),
        ARP(2);

        private final int number;

        AddressSource(int number) {
            this.number = number;
        }
    }

    /**
     * The IPv4 addresses of the running domain's cards as the source knows them, by MAC; empty when it knows nothing or
     * does not answer. What an agent says is the guest's own word.
     */
    Map<String, List<String>> addresses(UUID id, AddressSource source) {
        return onDomain("ask a machine for its addresses", Patience.QUICK, id, domain -> {
                    libvirt().virDomainAgentSetResponseTimeout(domain, AGENT_SECONDS, 0);
                    PointerByReference found = new PointerByReference();
                    int count = libvirt().virDomainInterfaceAddresses(domain, found, source.number, 0);
                    if (count < 0) {
                        LibvirtFailure.last();
                        return Map.<String, List<String>>of();
                    }
                    return GuestInterfaces.take(found.getValue(), count);
                })
                .orElse(Map.of());
    }

    private interface Action {
        int on(Pointer domain);
    }

    /** False if there is no such domain. */
    private boolean act(String task, UUID id, Action action) {
        return onDomain(task, Patience.LONG, id, domain -> check(action.on(domain)))
                .isPresent();
    }

    private <T> Optional<T> onDomain(String task, Patience patience, UUID id, Deed<T> deed) {
        return link.call(
                task,
                patience,
                connection -> unless(LibvirtFailure.NO_DOMAIN, () -> {
                    try (NativeHandle domain =
                            NativeHandle.domain(libvirt().virDomainLookupByUUIDString(connection, id.toString()))) {
                        return deed.with(domain.pointer());
                    }
                }));
    }

    /** virDomainState, from libvirt-domain.h. */
    private static DomainState folded(int state) {
        return switch (state) {
            case 1, 2 -> DomainState.RUNNING;
            case 3, 7 -> DomainState.PAUSED;
            case 4 -> DomainState.SHUTTING_DOWN;
            case 6 -> DomainState.CRASHED;
            default -> DomainState.STOPPED;
        };
    }
}
