(()=>{var e=document.documentElement,t=localStorage.getItem("theme"),a=matchMedia("(prefers-color-scheme: dark)").matches;e.dataset.theme=t??(a?"jade-dark":"jade");})();
