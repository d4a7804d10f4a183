package dev.berth.hypervisor;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * An XML description that libvirt gave out, read by element names along a path: {@code ip/dhcp/host} names every
 * {@code host} in every {@code dhcp} in every {@code ip} below the root.
 */
public record LibvirtXml(Element root) {

    public static LibvirtXml parse(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return new LibvirtXml(factory.newDocumentBuilder()
                    .parse(new InputSource(new StringReader(xml)))
                    .getDocumentElement());
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new IllegalStateException("libvirt gave out XML that can't be read", e);
        }
    }

    public List<Element> all(String path) {
        List<Element> found = List.of(root);
        for (String name : path.split("/", -1)) {
            found = found.stream()
                    .flatMap(element -> children(element, name).stream())
                    .toList();
        }
        return found;
    }

    public Optional<Element> first(String path) {
        return all(path).stream().findFirst();
    }

    /** The text of the first such element, or empty text. */
    public String text(String path) {
        return first(path).map(element -> element.getTextContent().strip()).orElse("");
    }

    /** The attribute of the first such element, or empty text. */
    public String attribute(String path, String name) {
        return first(path).map(element -> element.getAttribute(name)).orElse("");
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                children.add(element);
            }
        }
        return children;
    }
}
