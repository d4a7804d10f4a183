package dev.berth.hypervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Finds out whether guests really run under KVM on this machine, which {@code /dev/kvm} alone does not tell: it boots a
 * boot sector that ends QEMU with a known exit code, emulated and under KVM, which should be the faster one. The answer is kept in a file for as long as the machine is not
 * rebooted and QEMU stays the same.
 */
final class AccelerationProbe {
    private static final Logger LOG = Logger.getLogger(AccelerationProbe.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LEAST_PATIENCE = Duration.ofSeconds(1);

    /** A KVM that lags this far behind emulation, as inside some virtual machines, is no use. */
    private static final int SLOWER_AT_MOST = 4;

    private static final int SECTOR_BYTES = 512;
    /** A KVM that works now and then does not work. */
    private static final int BOOTS = 3;

    /** {@code mov dx,0xf4; mov al,0x2a; out dx,al; hlt}: tells QEMU's isa-debug-exit to end with 2 * 0x2a + 1. */
    private static final byte[] CODE = {(byte) 0xBA, (byte) 0xF4, 0x00, (byte) 0xB0, 0x2A, (byte) 0xEE, (byte) 0xF4};

    static final int EXPECTED_EXIT = 2 * 0x2A + 1;

    private final Path directory;
    private final Path device;

    AccelerationProbe(Path directory) {
        this(directory, Path.of("/dev/kvm"));
    }

    AccelerationProbe(Path directory, Path device) {
        this.directory = directory;
        this.device = device;
    }

    /** @param qemuVersion part of what the answer holds for */
    boolean kvmWorks(String qemuVersion) {
        if (!Files.exists(device)) {
            return false;
        }
        Path remembered = directory.resolve("acceleration");
        String key = bootId() + " " + qemuVersion + " ";
        try {
            if (Files.exists(remembered)) {
                String answer = Files.readString(remembered).strip();
                if (answer.startsWith(key)) {
                    return answer.equals(key + "kvm");
                }
            }
            boolean works = boots();
            Path written = Files.createTempFile(directory, ".acceleration-", "");
            Files.writeString(written, key + (works ? "kvm" : "qemu") + "\n");
            Files.move(written, remembered, StandardCopyOption.ATOMIC_MOVE);
            LOG.infof("Guests %s under KVM on this machine", works ? "run" : "do not run");
            return works;
        } catch (IOException e) {
            LOG.warn("Whether KVM works can't be found out; guests are emulated", e);
            return false;
        }
    }

    private boolean boots() throws IOException {
        Path sector = Files.createTempFile(directory, ".boot-", ".img");
        try {
            Files.write(sector, bootSector());
            long before = System.nanoTime();
            if (!ended(boot(sector, "tcg", "max", PATIENCE))) {
                return false;
            }
            Duration limit = atMost(Duration.ofNanos(System.nanoTime() - before).multipliedBy(SLOWER_AT_MOST));
            for (int boot = 0; boot < BOOTS; boot++) {
                if (!ended(boot(sector, "kvm", "host", limit))) {
                    return false;
                }
            }
            return true;
        } catch (HypervisorException e) {
            LOG.warn("QEMU can't be run to try KVM", e);
            return false;
        } finally {
            Files.deleteIfExists(sector);
        }
    }

    private static boolean ended(HostCommand.Result result) {
        return !result.timedOut() && result.exitCode() == EXPECTED_EXIT;
    }

    private static Duration atMost(Duration wanted) {
        Duration limit = wanted.compareTo(PATIENCE) < 0 ? wanted : PATIENCE;
        return limit.compareTo(LEAST_PATIENCE) > 0 ? limit : LEAST_PATIENCE;
    }

    /**
     * On the {@code pc} machine, since SeaBIOS does not boot a disk of one sector on {@code q35}.
     *
     * @param cpu the kind that guests get, too: a CPU that KVM can't set up is found out here
     */
    static HostCommand.Result boot(Path sector, String accelerator, String cpu, Duration patience) {
        return HostCommand.of(
                        "qemu-system-x86_64",
                        "-accel",
                        accelerator,
                        "-machine",
                        "pc",
                        "-cpu",
                        cpu,
                        "-m",
                        "16",
                        "-nodefaults",
                        "-no-user-config",
                        "-display",
                        "none",
                        "-no-reboot",
                        "-device",
                        "isa-debug-exit,iobase=0xf4,iosize=0x01",
                        "-drive",
                        "file=" + sector.toString().replace(",", ",,") + ",format=raw,if=ide,snapshot=on")
                .timeout(patience)
                .run();
    }

    static byte[] bootSector() {
        byte[] sector = new byte[SECTOR_BYTES];
        System.arraycopy(CODE, 0, sector, 0, CODE.length);
        sector[SECTOR_BYTES - 2] = 0x55;
        sector[SECTOR_BYTES - 1] = (byte) 0xAA;
        return sector;
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
