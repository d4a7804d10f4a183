package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.XmlTemplates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What the kinds share whose disks are files in a {@link DirectoryPool}: all but how a file is made, grown and described. */
abstract class FileDisk implements DiskKind {
    private static final String CACHE = "writeback";

    final XmlTemplates templates;
    final DirectoryPool directory;
    private final String format;

    /** @param format QEMU's name of the format; it is the kind's name, too, and the suffix of its files */
    FileDisk(XmlTemplates templates, String format) {
        this.templates = templates;
        this.directory = new DirectoryPool(templates, "." + format);
        this.format = format;
    }

    /** The settings that this kind alone has. */
    List<KindField> ownFields() {
        return List.of();
    }

    /** What is wrong with {@link #ownFields}, by field name. */
    Map<String, String> ownProblems(Map<String, String> config) {
        return Map.of();
    }

    /** The {@code <source>} of the disk in a domain's XML, and what follows from it. */
    abstract String sourceXml(DiskSpec disk);

    @Override
    public String id() {
        return format;
    }

    @Override
    public List<KindField> fields() {
        List<KindField> fields = new ArrayList<>(List.of(DirectoryPool.FIELD));
        fields.addAll(ownFields());
        fields.addAll(DiskSettings.fields(CACHE, "none", "writethrough", "directsync"));
        return fields;
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(DirectoryPool.problems(config));
        problems.putAll(ownProblems(config));
        problems.putAll(DiskSettings.problems(config));
        return problems;
    }

    @Override
    public Optional<Path> directory(Map<String, String> config) {
        return Optional.of(Path.of(config.get(DirectoryPool.PATH)));
    }

    @Override
    public HostCheck check(StorageSpec storage, LibvirtHost host) {
        return directory.check(storage, host);
    }

    @Override
    public void ensureStorage(StorageSpec storage, LibvirtHost host) {
        directory.ensure(storage, host);
    }

    @Override
    public void removeStorage(StorageSpec storage, LibvirtHost host) {
        directory.remove(storage, host);
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        directory.delete(disk, host);
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return directory.volumes(storage, host);
    }

    @Override
    public BlockSource source(DiskSpec disk, LibvirtHost host) {
        return new BlockSource(format, directory.file(disk).toString());
    }

    @Override
    public String render(DiskSpec disk) {
        return DiskXml.render(
                templates, disk, DiskSettings.of(disk.storage().config(), CACHE), "file", format, sourceXml(disk));
    }
}
