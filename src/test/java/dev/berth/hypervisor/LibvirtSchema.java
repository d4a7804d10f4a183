package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** libvirt's own RNG schemas as a judge of XML. */
public final class LibvirtSchema {
    private LibvirtSchema() {}

    /** @param schema {@code domain}, {@code network}, {@code storagepool} or {@code storagevol} */
    public static void assertValid(String schema, String xml) throws IOException {
        Path file = Files.createTempFile("berth-", ".xml");
        try {
            Files.writeString(file, xml);
            HostCommand.Result result =
                    HostCommand.of("virt-xml-validate", file.toString(), schema).run();
            assertThat(result.succeeded())
                    .as(xml + result.output() + result.errors())
                    .isTrue();
        } finally {
            Files.delete(file);
        }
    }
}
