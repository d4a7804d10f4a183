package dev.berth;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.persistence.Entity;
import org.junit.jupiter.api.Test;

/** The layers of docs/architecture.md, held: a package uses only those below its own line. */
class LayersTest {
    private static final JavaClasses BERTH = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.berth");

    private static final ArchRule LAYERS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("demo")
            .definedBy("dev.berth.demo..")
            .layer("web")
            .definedBy("dev.berth.web..")
            .layer("api")
            .definedBy("dev.berth.api..")
            .layer("console")
            .definedBy("dev.berth.console..")
            .layer("requests")
            .definedBy("dev.berth.requests..")
            .layer("notices")
            .definedBy("dev.berth.notices..")
            .layer("usage")
            .definedBy("dev.berth.usage..")
            .layer("provisioning")
            .definedBy("dev.berth.provisioning..")
            .layer("machines")
            .definedBy("dev.berth.machines..")
            .layer("catalog")
            .definedBy("dev.berth.catalog..")
            .layer("tenancy")
            .definedBy("dev.berth.tenancy..")
            .layer("fleet")
            .definedBy("dev.berth.fleet..")
            .layer("hypervisor")
            .definedBy("dev.berth.hypervisor..")
            .layer("audit")
            .definedBy("dev.berth.audit..")
            .layer("security")
            .definedBy("dev.berth.security..")
            .layer("common")
            .definedBy("dev.berth.common..")
            .whereLayer("demo")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("web")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("api")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("console")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("requests")
            .mayOnlyBeAccessedByLayers("demo", "web", "api", "console")
            // Beside requests: whoever has something to tell fires an event and does not know it.
            .whereLayer("notices")
            .mayOnlyBeAccessedByLayers("demo", "web", "api", "console")
            .whereLayer("usage")
            .mayOnlyBeAccessedByLayers("demo", "web", "api", "console")
            .whereLayer("provisioning")
            .mayOnlyBeAccessedByLayers("demo", "web", "api", "console", "requests")
            .whereLayer("machines")
            .mayOnlyBeAccessedByLayers("demo", "web", "api", "console", "requests", "provisioning")
            // catalog, tenancy and fleet share a line; so do audit, security and common.
            .whereLayer("catalog")
            .mayOnlyBeAccessedByLayers("demo", "web", "api", "console", "requests", "provisioning", "machines")
            .whereLayer("tenancy")
            .mayOnlyBeAccessedByLayers(
                    "demo", "web", "api", "console", "requests", "notices", "usage", "provisioning", "machines")
            .whereLayer("fleet")
            .mayOnlyBeAccessedByLayers("demo", "web", "api", "console", "requests", "provisioning", "machines")
            .whereLayer("hypervisor")
            .mayOnlyBeAccessedByLayers(
                    "demo", "web", "api", "console", "requests", "provisioning", "machines", "catalog", "fleet");

    private static final ArchRule NO_CYCLES =
            slices().matching("dev.berth.(*)..").should().beFreeOfCycles();

    private static final ArchRule LIBVIRT_STAYS_BELOW = noClasses()
            .that()
            .resideOutsideOfPackage("dev.berth.hypervisor..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.libvirt..").or(resideInAPackage("com.sun.jna..")));

    /** It knows neither database nor web. */
    private static final ArchRule HYPERVISOR_KNOWS_NO_ROWS = noClasses()
            .that()
            .resideInAPackage("dev.berth.hypervisor..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "jakarta.persistence..", "org.hibernate..", "java.sql..", "jakarta.ws.rs..", "io.vertx..");

    private static final ArchRule ENTITIES_STAY_AT_HOME =
            classes().that().areAnnotatedWith(Entity.class).should().bePackagePrivate();

    /** Pages and API obey the same checks because neither has one: they call services. */
    private static final ArchRule DOORS_HAVE_NO_ENTITIES = noClasses()
            .that()
            .resideInAnyPackage("dev.berth.web..", "dev.berth.console..", "dev.berth.api..")
            .should()
            .beAnnotatedWith(Entity.class);

    @Test
    void aPackageUsesThoseBelowIt() {
        LAYERS.check(BERTH);
    }

    @Test
    void noCycles() {
        NO_CYCLES.check(BERTH);
    }

    @Test
    void libvirtStaysBelow() {
        LIBVIRT_STAYS_BELOW.check(BERTH);
    }

    @Test
    void theHypervisorKnowsNeitherDatabaseNorWeb() {
        HYPERVISOR_KNOWS_NO_ROWS.check(BERTH);
    }

    @Test
    void entitiesStayAtHome() {
        ENTITIES_STAY_AT_HOME.check(BERTH);
    }

    @Test
    void doorsHaveNoEntities() {
        DOORS_HAVE_NO_ENTITIES.check(BERTH);
    }
}
