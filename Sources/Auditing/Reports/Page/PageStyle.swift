import Secrets
import Statements

/// How the page looks, on a screen by day and by night, and on paper.
enum PageStyle {
    /// What the page lets itself do: show its own style, and nothing else. No script, no picture, no font, no address.
    static var policy: String {
        "default-src 'none'; style-src 'sha256-\(Base64.encode(Digest.sha256(Array(text.description.utf8)).bytes))'; "
            + "base-uri 'none'; form-action 'none'"
    }

    static let text: StaticString = """
        :root{color-scheme:light dark;--paper:#fff;--ink:#16191d;--quiet:#555d66;--rule:#d5dae0;--tint:#f3f5f8;--blue:#1d5fa6;\
        --range:#9cc0e6;--good:#17623a;--good-tint:#eaf6ee;--bad:#9b1c1c;--bad-tint:#fdecec;--warn:#8a4b08;--warn-tint:#fff4e3}
        @media screen and (prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e9ecef;--quiet:#a5adb6;--rule:#383f47;\
        --tint:#1e2328;--blue:#7db5f0;--range:#33567c;--good:#7fd6a0;--good-tint:#14281c;--bad:#ff9d9d;--bad-tint:#331717;\
        --warn:#f3bd76;--warn-tint:#302310}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,\
        "Noto Sans","Liberation Sans",sans-serif}
        main{max-width:80rem;margin:0 auto;padding:2rem 1.25rem 4rem}
        h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .4rem;overflow-wrap:anywhere}
        h2{font-size:1.3rem;margin:2.6rem 0 .5rem;padding-top:.7rem;border-top:2px solid var(--ink)}
        p{margin:.4rem 0;max-width:46rem}
        .kind{color:var(--quiet);margin:0;font-weight:600}
        .period{font-size:1.1rem}
        .quiet{color:var(--quiet);font-size:.92rem}
        .named{color:var(--bad)}
        .verdict{border-left:6px solid;padding:.8rem 1.1rem;margin:1.2rem 0;border-radius:4px}
        .verdict p{margin:.2rem 0}
        .verdict strong{font-size:1.1rem}
        .kept{border-color:var(--good);background:var(--good-tint)}
        .kept strong{color:var(--good)}
        .unknown{border-color:var(--warn);background:var(--warn-tint)}
        .unknown strong{color:var(--warn)}
        .broken{border-color:var(--bad);background:var(--bad-tint)}
        .broken strong{color:var(--bad)}
        .figures{display:grid;grid-template-columns:repeat(2,1fr);gap:.8rem;margin:1.2rem 0;padding:0;list-style:none}
        @media (min-width:40rem){.figures{grid-template-columns:repeat(4,1fr)}}
        .figures li{background:var(--tint);border-radius:6px;padding:.7rem .9rem}
        .figures b{display:block;font-size:1.6rem;line-height:1.25;font-variant-numeric:tabular-nums}
        .figures .look{background:var(--warn-tint)}
        .figures .look b{color:var(--warn)}
        .scroll{overflow-x:auto;margin:.8rem 0}
        table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
        .few{width:auto;min-width:24rem}
        .few caption{white-space:nowrap}
        .dense{font-size:clamp(.7rem,.3rem + .8vw,.92rem)}
        .dense th,.dense td{padding-right:.5em}
        caption{font-size:.92rem;text-align:left;font-weight:600;padding:.2rem 0 .4rem}
        th,td{text-align:left;vertical-align:top;padding:.35em .7em .35em 0;border-bottom:1px solid var(--rule)}
        thead th{vertical-align:bottom;border-bottom:1.5px solid var(--ink);color:var(--quiet);font-weight:600}
        tbody th{font-weight:500}
        .number{text-align:right}
        .moment{min-width:6.6em}
        @media (min-width:60rem){.many .moment{white-space:nowrap}}
        .id{font:.85em/1.5 ui-monospace,"DejaVu Sans Mono","Liberation Mono",Consolas,monospace;overflow-wrap:anywhere;min-width:9rem}
        .short{font-size:.92em;white-space:nowrap;min-width:0}
        td.name,tbody .name{overflow-wrap:anywhere;min-width:5.4em}
        tbody th.word{min-width:6.6em}
        .number{min-width:0}
        .number.moment{white-space:nowrap}
        .total>*{font-weight:700;border-top:1.5px solid var(--ink)}
        .zero{color:var(--quiet)}
        figure{margin:1rem 0}
        figcaption{font-weight:600;margin-bottom:.2rem}
        svg{display:block;width:100%;height:auto;max-width:45rem}
        .small{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:.5rem 1.5rem}
        svg text{font-size:13px;fill:var(--ink);font-family:inherit}
        svg .tick{font-size:11.5px;fill:var(--quiet)}
        svg .middle{text-anchor:middle}
        svg .end{text-anchor:end}
        .grid{stroke:var(--rule);stroke-width:1}
        .whisker,.stem{stroke:var(--blue);stroke-width:1.5}
        .range{fill:var(--range)}
        .median,.column{fill:var(--blue)}
        .target{stroke:var(--warn);stroke-width:3}
        .key{display:inline-flex;gap:1.2rem;flex-wrap:wrap;color:var(--quiet);font-size:.9rem;margin:.2rem 0}
        .key svg{display:inline-block;width:2.4rem;height:1rem;vertical-align:-.15rem;margin-right:.35rem}
        dt{font-weight:600;margin-top:.6rem}
        dd{margin:0;max-width:46rem;overflow-wrap:anywhere}
        li{max-width:46rem}
        @page{margin:15mm 13mm 17mm;@bottom-left{content:"Nightbell: report of an audit. Treat it as you treat patient data.";\
        font:8pt sans-serif}@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif}}
        @media print{body{font-size:10pt;line-height:1.4}main{max-width:none;padding:0}h1{font-size:19pt}h2{font-size:13pt;\
        margin-top:7mm;padding-top:2mm}.quiet{font-size:8.8pt}.key{font-size:8.8pt}table,caption{font-size:8.6pt}\
        .dense{font-size:7.6pt}.many .moment{white-space:nowrap}.scroll{overflow:visible}h2,caption,\
        figcaption,dt{break-after:avoid}thead{display:table-header-group}tr,figure,.figures li,.verdict{break-inside:avoid}\
        .figures{grid-template-columns:repeat(4,1fr);gap:2mm}.figures li{padding:1.5mm 2mm;font-size:8pt}.figures b{font-size:13pt}\
        .small{grid-template-columns:1fr 1fr}th,td{padding:.9mm 2mm .9mm 0}\
        .dense th,.dense td{padding-right:1.2mm}p{orphans:3;widows:3}\
        .verdict,.figures li,.range,.column,.median{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """
}
