package dev.berth.hypervisor.disk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuUser;
import dev.berth.hypervisor.ShareMount;
import dev.berth.hypervisor.ShareSpec;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A directory of the host that machines mount, by virtiofs or by 9p. Links in it are the guests' to follow: virtiofsd
 * sees nothing but the directory, and QEMU's 9p server follows none.
 *
 * @see <a href="https://libvirt.org/formatdomain.html#filesystems">libvirt: file systems</a>
 * @see <a href="https://virtio-fs.gitlab.io/">virtiofs</a>
 */
@Singleton
public class ShareDirectory implements ShareKind {
    private static final String FILE = "disk/share";
    private static final String ACCESS = "access";
    private static final String VIRTIOFS = "virtiofs";
    private static final String NINEP = "9p";
    private static final String MODE = "mode";
    private static final String READ_ONLY = "read-only";
    private static final String WHO = "who";
    private static final String ALL_IN_ONE = "all-in-one";
    private static final Pattern TEAM = Pattern.compile("[a-z0-9][a-z0-9-]*");
    private static final Pattern TAG = Pattern.compile("[a-z0-9][a-z0-9-]{0,30}");

    /** Nothing of these, nor of what is below them, is for guests. */
    private static final List<String> NOT_BELOW = List.of(
            "/bin",
            "/boot",
            "/dev",
            "/etc",
            "/lib",
            "/lib32",
            "/lib64",
            "/proc",
            "/root",
            "/run",
            "/sbin",
            "/snap",
            "/sys",
            "/usr",
            "/var/backups",
            "/var/cache",
            "/var/lib/dpkg",
            "/var/lib/libvirt",
            "/var/lib/systemd",
            "/var/log",
            "/var/mail",
            "/var/run",
            "/var/spool");

    /** What is below these may be, but not they themselves: they hold what belongs to others. */
    private static final List<String> NOT_ITSELF = List.of("/var/lib", "/var/local", "/var/opt", "/var/tmp");

    private final XmlTemplates templates;

    public ShareDirectory(XmlTemplates templates) {
        this.templates = templates;
    }

    @Override
    public String id() {
        return "share";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "shared directory",
                "Flexible: files of the host in the guest, and the same files in several machines at once. Takes nothing of"
                        + " the disk quota.",
                "Not a boot disk, and no snapshots. A machine gets or loses it when it is next started, and only machines on"
                        + " hosts with that directory can have it.",
                "Shares directories that an admin allows, for each team or for all, by virtiofs or 9p, read-only or"
                        + " read-write, and tells guests to mount them. Links in them lead nowhere on the host.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(false, DiskFit.Speed.FILE, false, true);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SHARED_FILES);
    }

    @Override
    public List<KindField> fields() {
        return List.of(
                KindField.required(
                        DirectoryPool.PATH,
                        "Directory on the host",
                        "What is in it is shared. It has to be there on each host that shall offer it, without symbolic"
                                + " links in its path, in directories that only root can change. Several hosts share the"
                                + " same files only if it is the same file system there.",
                        "/srv/berth-shares/tools"),
                KindField.choice(
                        WHO,
                        "What a machine sees",
                        "one-per-team: Berth makes a directory in it for each team, and a machine sees its own team's alone."
                                + " all-in-one: every machine sees all of it; make the profile private to a team if others"
                                + " shall not.",
                        "one-per-team",
                        ALL_IN_ONE),
                KindField.choice(
                                MODE,
                                "What it may do there",
                                "Takes effect at a machine's next start.",
                                "read-write",
                                READ_ONLY)
                        .changeable(),
                KindField.choice(
                        ACCESS,
                        "How it is shared",
                        "virtiofs is faster, and files belong to whom the guest says, also on the host. 9p needs nothing but"
                                + " QEMU: files belong to QEMU's user there, and owners are kept beside them. Debian's"
                                + " cloud kernel has no 9p.",
                        VIRTIOFS,
                        NINEP));
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(DirectoryPool.problems(config));
        if (problems.isEmpty()) {
            Path path = Path.of(config.get(DirectoryPool.PATH));
            boolean system = NOT_BELOW.stream().anyMatch(path::startsWith)
                    || NOT_ITSELF.stream().map(Path::of).anyMatch(path::equals);
            if (system) {
                problems.put(
                        DirectoryPool.PATH,
                        "This is a directory of the host's own system. Choose one that is there to be shared, for example"
                                + " /srv/berth-shares/tools.");
            }
        }
        return problems;
    }

    @Override
    public Optional<Path> directory(Map<String, String> config) {
        return Optional.of(Path.of(config.get(DirectoryPool.PATH)));
    }

    /** Whoever can write to a directory could lead one that is shared from within it somewhere else. */
    @Override
    public boolean sharesBeside(Map<String, String> one, Map<String, String> other) {
        return directory(one).equals(directory(other))
                && ALL_IN_ONE.equals(one.get(WHO)) == ALL_IN_ONE.equals(other.get(WHO));
    }

    /** The directory that the profile names. */
    private static Path root(StorageSpec storage) {
        return Path.of(storage.config().getOrDefault(DirectoryPool.PATH, "/"));
    }

    private static boolean perTeam(StorageSpec storage) {
        return !ALL_IN_ONE.equals(storage.config().get(WHO));
    }

    private static boolean readOnly(StorageSpec storage) {
        return READ_ONLY.equals(storage.config().get(MODE));
    }

    private static boolean virtiofs(StorageSpec storage) {
        return !NINEP.equals(storage.config().get(ACCESS));
    }

    /** What the machine sees. */
    private static Path directory(ShareSpec share) {
        if (!perTeam(share.storage())) {
            return root(share.storage());
        }
        if (!TEAM.matcher(share.tenant()).matches()) {
            throw new HypervisorException(
                    Reason.REJECTED, "A team's short name has to be one that a directory can have.");
        }
        return root(share.storage()).resolve(share.tenant());
    }

    /** What the domain is told to share: virtiofsd can't be told that it is to write nothing. */
    private static Path exported(ShareSpec share) {
        return virtiofs(share.storage()) && readOnly(share.storage()) ? view(share) : directory(share);
    }

    private static Path view(ShareSpec share) {
        return ReadOnlyView.ALL
                .resolve(share.storage().profileId().toString())
                .resolve(perTeam(share.storage()) ? share.tenant() : "all");
    }

    @Override
    public HostCheck check(StorageSpec storage, LibvirtHost host) {
        List<String> problems = new ArrayList<>();
        List<String> advice = new ArrayList<>();
        problem(storage, host).ifPresent(problems::add);
        if (virtiofs(storage)) {
            checkVirtiofs(storage, host, problems, advice);
        } else if (problems.isEmpty()) {
            checkNinep(storage, host, problems);
        }
        Map<String, String> facts =
                DirectoryPool.space(root(storage)).map(StorageSpace::facts).orElse(Map.of());
        return new HostCheck(problems, advice, facts);
    }

    /** What is wrong with the profile's directory on this host. */
    private Optional<String> problem(StorageSpec storage, LibvirtHost host) {
        Map<String, String> invalid = validate(storage.config());
        if (!invalid.isEmpty()) {
            return invalid.values().stream().findFirst();
        }
        Path root = root(storage);
        Optional<String> problem = HostDirectory.problem(root, host.name());
        if (problem.isPresent()) {
            return problem;
        }
        if (perTeam(storage)) {
            try {
                problem = HostDirectory.openToOthers(root, host.name());
            } catch (IOException e) {
                problem = Optional.of("The directory " + root + " on host " + host.name() + " can't be looked at.");
            }
        }
        return problem.or(() -> overlap(root, host));
    }

    /** Machines' disks are nobody's files. */
    private static Optional<String> overlap(Path root, LibvirtHost host) {
        if (overlap(root, host.directory())) {
            return Optional.of(
                    "The worker on host " + host.name() + " keeps its own files there. Choose another directory.");
        }
        return host.pools().all().stream()
                .filter(pool ->
                        pool.text("target/path").startsWith("/") && overlap(root, Path.of(pool.text("target/path"))))
                .findFirst()
                .map(pool -> "Storage pool " + pool.text("name") + " on host " + host.name()
                        + " keeps machines' disks there. Choose another directory.");
    }

    private static boolean overlap(Path one, Path other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    private static void checkVirtiofs(
            StorageSpec storage, LibvirtHost host, List<String> problems, List<String> advice) {
        if (!virtiofsdInstalled()) {
            problems.add(
                    "Host " + host.name()
                            + " has no virtiofsd. Install it (Debian 12: qemu-system-common, later: virtiofsd), or share by 9p.");
        }
        if (readOnly(storage)) {
            if (!ReadOnlyView.possible()) {
                problems.add(
                        "The worker on host " + host.name() + " sees file systems of its own, so it can't mount the"
                                + " directory read-only for virtiofsd. Run it without a mount namespace, or share by 9p.");
            }
            return;
        }
        Path keeper = perTeam(storage) ? root(storage) : root(storage).getParent();
        if (HostDirectory.everybodyPasses(keeper)) {
            advice.add("Guests can leave programs there that run as root for whoever starts them on host " + host.name()
                    + ". Keep its other users out: \"chmod o-x " + keeper + "\".");
        }
    }

    /** Where QEMU's and libvirt's own description of such programs lies, by their specification for vhost-user. */
    private static boolean virtiofsdInstalled() {
        for (Path place : List.of(Path.of("/etc/qemu/vhost-user"), Path.of("/usr/share/qemu/vhost-user"))) {
            try (DirectoryStream<Path> descriptions = Files.newDirectoryStream(place, "*.json")) {
                for (Path description : descriptions) {
                    JsonNode program = new ObjectMapper().readTree(description.toFile());
                    if (program.path("type").asText().equals("fs")
                            && Files.isExecutable(Path.of(program.path("binary").asText("/")))) {
                        return true;
                    }
                }
            } catch (IOException e) {
                // One place of two, or a file that nobody can read.
            }
        }
        return false;
    }

    private static void checkNinep(StorageSpec storage, LibvirtHost host, List<String> problems) {
        Path root = root(storage);
        try {
            if (!Files.getFileStore(root).supportsFileAttributeView(UserDefinedFileAttributeView.class)) {
                problems.add(
                        "The file system of " + root + " on host " + host.name()
                                + " keeps no extended attributes, which 9p needs for files' owners. Choose another, or virtiofs.");
            }
        } catch (IOException e) {
            problems.add("The file system of " + root + " on host " + host.name() + " can't be looked at.");
        }
        refusal(root, perTeam(storage) ? "-x" : readOnly(storage) ? "-rx" : "-rwx", host)
                .ifPresent(problems::add);
    }

    /** Whether QEMU's user may do this there, as the kernel says. @param rights {@code -rwx} */
    private static Optional<String> refusal(Path directory, String rights, LibvirtHost host) {
        Optional<QemuUser> user = host.qemuUser();
        if (user.isEmpty() || user.get().uid() == 0) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + user.get().uid(),
                "--regid=" + user.get().gid(),
                "--clear-groups",
                "--",
                "test"));
        for (char right : rights.substring(1).toCharArray()) {
            command.addAll(List.of("-" + right, directory.toString(), "-a"));
        }
        command.remove(command.size() - 1);
        return HostCommand.of(command.toArray(String[]::new)).run().succeeded()
                ? Optional.empty()
                : Optional.of("QEMU's user (" + user.get().uid() + ") may not "
                        + (rights.contains("w") ? "write to " : rights.contains("r") ? "read " : "pass through ")
                        + directory + " on host " + host.name() + ". Allow it, or share by virtiofs.");
    }

    @Override
    public void offer(ShareSpec share, LibvirtHost host) {
        StorageSpec storage = share.storage();
        refuse(problem(storage, host));
        Path directory = directory(share);
        if (perTeam(storage)) {
            try {
                HostDirectory.make(directory, virtiofs(storage) ? "rwxr-xr-x" : "rwx------");
                refuse(HostDirectory.problem(directory, host.name()));
                Optional<QemuUser> user = virtiofs(storage) ? Optional.empty() : host.qemuUser();
                if (user.isPresent()) {
                    HostDirectory.give(directory, user.get().uid(), user.get().gid());
                }
            } catch (IOException e) {
                throw new HypervisorException(
                        Reason.FAILED, "The team's directory on host " + host.name() + " could not be made.", e);
            }
        }
        if (!virtiofs(storage)) {
            refuse(refusal(directory, readOnly(storage) ? "-rx" : "-rwx", host));
        } else if (readOnly(storage)) {
            ReadOnlyView.ensure(directory, view(share));
        }
    }

    private static void refuse(Optional<String> problem) {
        problem.ifPresent(sentence -> {
            throw new HypervisorException(Reason.REJECTED, sentence);
        });
    }

    @Override
    public void removeStorage(StorageSpec storage, LibvirtHost host) {
        ReadOnlyView.remove(ReadOnlyView.ALL.resolve(storage.profileId().toString()));
    }

    @Override
    public boolean sharesMemory(StorageSpec storage) {
        return virtiofs(storage);
    }

    @Override
    public ShareMount mount(StorageSpec storage) {
        String mode = readOnly(storage) ? "ro" : "rw";
        // Larger messages than 9p's own 8 KiB are what makes it bearable.
        String options = virtiofs(storage) ? mode : mode + ",trans=virtio,version=9p2000.L,msize=262144";
        return new ShareMount(storage.slug(), "/mnt/" + storage.slug(), virtiofs(storage) ? VIRTIOFS : NINEP, options);
    }

    @Override
    public String render(ShareSpec share) {
        if (!TAG.matcher(share.tag()).matches()) {
            throw new HypervisorException(
                    Reason.REJECTED, "A shared directory's name in the guest is the storage profile's short name.");
        }
        return templates.render(
                FILE,
                virtiofs(share.storage()) ? VIRTIOFS : "ninep",
                Map.of("path", exported(share), "tag", share.tag(), "readOnly", readOnly(share.storage())));
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        throw noDisks();
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host, Progress progress) {
        throw noDisks();
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        throw noDisks();
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return Set.of();
    }

    @Override
    public BlockSource source(DiskSpec disk, LibvirtHost host) {
        throw noDisks();
    }

    @Override
    public String render(DiskSpec disk) {
        throw noDisks();
    }

    private static HypervisorException noDisks() {
        return new HypervisorException(
                Reason.REJECTED, "A shared directory holds no disks. Choose storage of another kind.");
    }
}
